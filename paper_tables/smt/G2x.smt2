; Claim G2x: ‘Straight-through always has an attracting interior rest point’ is false: where h < 0, the rest point repels; where |Δ+c| ≥ h/2 there is none; and for h = 0, a cost linear in the gate, it is unbiased.

; repels
(set-logic QF_NRA)
(declare-const |h| Real)
(assert (< |h| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (* (- 1.0) |h|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no rest
(set-logic QF_NRA)
(declare-const |Abs(c + Δ)| Real)
(declare-const |c| Real)
(declare-const |h| Real)
(declare-const |Δ| Real)
(declare-const |θ| Real)
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (> |c| 0.0))
(assert (> |h| 0.0))
(assert (>= (+ (* (- 1.0) |h|) (* 2.0 |Abs(c + Δ)|)) 0.0))
(assert (and (< (* (- 1.0) |θ|) 0.0) (< (+ (- 1.0) |θ|) 0.0)))
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(assert (>= (+ |Abs(c + Δ)| (* (- 1.0) |Δ|) (* (- 1.0) |c|)) 0.0))
(assert (>= (+ |Abs(c + Δ)| |Δ| |c|) 0.0))
(assert (or (= (+ |Abs(c + Δ)| (* (- 1.0) |Δ|) (* (- 1.0) |c|)) 0.0) (= (+ |Abs(c + Δ)| |Δ| |c|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (distinct (+ |h| (* (- 2.0) |Δ|) (* (- 2.0) |c|) (* (- 2.0) |h| |θ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
