; Claim F1: With a ≠ 0 the projected flow ẇ = −dJ/dw, θ̇ = −dJ/dθ of J = s(θ(a−w)²+(1−θ)a²)/2+λw²/2+cθ rests at w = 0 and θ = 0 whatever the price: ẇ[w = 0, θ = 0] = 0 and θ̇[w = 0, θ = 0] < 0; and there it is asymptotically stable, for all starts of E < r²/2 at least, with E = w²/2+2θ and r = c/(2s|a|). J[a = −a, w = −w] = J.

; rests
(set-logic QF_NRA)
(declare-const |a| Real)
(declare-const |c| Real)
(assert (> |c| 0.0))
(assert (distinct |a| 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (= 0.0 0.0) (< (* (- 1.0) |c|) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; confined
(set-logic QF_NRA)
(declare-const |Abs(a*w)| Real)
(declare-const |a| Real)
(declare-const |c| Real)
(declare-const |s| Real)
(declare-const |w| Real)
(declare-const |θ| Real)
(assert (> |s| 0.0))
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (distinct |a| 0.0))
(assert (and (< (* 8.0 (* |a| |a|) (* |s| |s|) (+ (* (- 1.0) (* |c| |c|)) (* 4.0 (* |a| |a|) (* |w| |w|) (* |s| |s|)) (* 16.0 |θ| (* |a| |a|) (* |s| |s|)))) 0.0) (distinct (* 8.0 (* |a| |a|) (* |s| |s|)) 0.0)))
(assert (> |c| 0.0))
(assert (> |s| 0.0))
(assert (>= |θ| 0.0))
(assert (>= (+ |Abs(a*w)| (* (- 1.0) |a| |w|)) 0.0))
(assert (>= (+ |Abs(a*w)| (* |a| |w|)) 0.0))
(assert (or (= (+ |Abs(a*w)| (* (- 1.0) |a| |w|)) 0.0) (= (+ |Abs(a*w)| (* |a| |w|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ (* (- 1.0) |c|) (* 2.0 |Abs(a*w)| |s|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; E is positive
(set-logic QF_NRA)
(declare-const |w| Real)
(declare-const |θ| Real)
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (not (and (= |w| 0.0) (= |θ| 0.0))))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ (* |w| |w|) (* 4.0 |θ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; θ falls
(set-logic QF_NRA)
(declare-const |Abs(a*w)| Real)
(declare-const |a| Real)
(declare-const |c| Real)
(declare-const |s| Real)
(declare-const |w| Real)
(assert (> |s| 0.0))
(assert (> |c| 0.0))
(assert (< (+ (* (- 1.0) |c|) (* 2.0 |Abs(a*w)| |s|)) 0.0))
(assert (> |c| 0.0))
(assert (> |s| 0.0))
(assert (>= (+ |Abs(a*w)| (* (- 1.0) |a| |w|)) 0.0))
(assert (>= (+ |Abs(a*w)| (* |a| |w|)) 0.0))
(assert (or (= (+ |Abs(a*w)| (* (- 1.0) |a| |w|)) 0.0) (= (+ |Abs(a*w)| (* |a| |w|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ (* (- 2.0) |c|) (* (- 1.0) |s| (* |w| |w|)) (* 2.0 |a| |w| |s|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; E falls
(set-logic QF_NRA)
(declare-const |Abs(a*w)| Real)
(declare-const |a| Real)
(declare-const |c| Real)
(declare-const |s| Real)
(declare-const |w| Real)
(declare-const |θ| Real)
(declare-const |λ| Real)
(assert (> |s| 0.0))
(assert (> |λ| 0.0))
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (< (+ (* (- 1.0) |c|) (* 2.0 |Abs(a*w)| |s|)) 0.0))
(assert (> |c| 0.0))
(assert (> |s| 0.0))
(assert (>= |θ| 0.0))
(assert (> |λ| 0.0))
(assert (>= (+ |Abs(a*w)| (* (- 1.0) |a| |w|)) 0.0))
(assert (>= (+ |Abs(a*w)| (* |a| |w|)) 0.0))
(assert (or (= (+ |Abs(a*w)| (* (- 1.0) |a| |w|)) 0.0) (= (+ |Abs(a*w)| (* |a| |w|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ (* (- 2.0) |c|) (* (- 1.0) |s| (* |w| |w|)) (* (- 1.0) |λ| (* |w| |w|)) (* (- 1.0) |θ| |s| (* |w| |w|)) (* 2.0 |a| |w| |s|) (* |a| |w| |θ| |s|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
