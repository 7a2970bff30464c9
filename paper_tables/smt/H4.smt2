; Claim H4: A fixed prior's profile KL(θ‖π₀) = KL(θ‖π)[π = π₀] has the curvature K₀ = 1/(θ(1−θ)): d²KL(θ‖π₀)/dθ² = K₀, and K₀ ≥ 4; its minimum is interior, at θ = π₀. A Beta density with the exponents A of π and B of 1−π has a profile that has the curvature K = A/(θ(θ+A))+B/((1−θ)(1−θ+B)), for A ≥ 0 and B ≥ 0; K ≥ 0 if (A ≥ 0 and B ≥ 0), and (A = 0 and B = 0) if (A ≥ 0 and B ≥ 0 and K = 0). With a negative exponent the profile is unbounded below on a part of its range, for θ < −A or 1−θ < −B. No Beta density has an affine profile that is not constant.

; at least
(set-logic QF_NRA)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (>= (* |θ| (+ 1.0 (* (- 1.0) |θ|)) (+ 1.0 (* (- 4.0) |θ| (+ 1.0 (* (- 1.0) |θ|))))) 0.0) (distinct (* |θ| (+ 1.0 (* (- 1.0) |θ|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; falls
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |B| Real)
(declare-const |θ| Real)
(declare-const |π| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> |π| 0.0))
(assert (< (+ (- 1.0) |π|) 0.0))
(assert (> (+ 1.0 |A|) 0.0))
(assert (> (+ 1.0 |B|) 0.0))
(assert (and (>= |A| 0.0) (>= |B| 0.0)))
(assert (and (< (* (+ 1.0 |A| |B|) (+ (* (- 1.0) |A|) (* (- 1.0) |θ|) (* |π| (+ 1.0 |A| |B|)))) 0.0) (distinct (+ 1.0 |A| |B|) 0.0)))
(assert (> |θ| 0.0))
(assert (> |π| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ (* |π| (+ 1.0 |B| (* (- 1.0) |θ|))) (* (- 1.0) (+ 1.0 (* (- 1.0) |π|)) (+ |A| |θ|)))) 0.0) (distinct (* |π| (+ 1.0 (* (- 1.0) |π|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; rises
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |B| Real)
(declare-const |θ| Real)
(declare-const |π| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> |π| 0.0))
(assert (< (+ (- 1.0) |π|) 0.0))
(assert (> (+ 1.0 |A|) 0.0))
(assert (> (+ 1.0 |B|) 0.0))
(assert (and (>= |A| 0.0) (>= |B| 0.0)))
(assert (and (> (* (+ 1.0 |A| |B|) (+ (* (- 1.0) |A|) (* (- 1.0) |θ|) (* |π| (+ 1.0 |A| |B|)))) 0.0) (distinct (+ 1.0 |A| |B|) 0.0)))
(assert (> |θ| 0.0))
(assert (> |π| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ (* |π| (+ 1.0 |B| (* (- 1.0) |θ|))) (* (- 1.0) (+ 1.0 (* (- 1.0) |π|)) (+ |A| |θ|)))) 0.0) (distinct (* |π| (+ 1.0 (* (- 1.0) |π|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; convex
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |B| Real)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> (+ 1.0 |A|) 0.0))
(assert (> (+ 1.0 |B|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (=> (and (>= |A| 0.0) (>= |B| 0.0)) (and (>= (* |θ| (+ 1.0 (* (- 1.0) |θ|)) (+ |A| |θ|) (+ (* |A| (+ 1.0 (* (- 1.0) |θ|)) (+ 1.0 |B| (* (- 1.0) |θ|))) (* |B| |θ| (+ |A| |θ|))) (+ 1.0 |B| (* (- 1.0) |θ|))) 0.0) (distinct (* |θ| (+ 1.0 (* (- 1.0) |θ|)) (+ |A| |θ|) (+ 1.0 |B| (* (- 1.0) |θ|))) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; only uniform
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |B| Real)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> (+ 1.0 |A|) 0.0))
(assert (> (+ 1.0 |B|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (=> (and (>= |A| 0.0) (>= |B| 0.0) (and (= (+ (* |A| (+ 1.0 (* (- 1.0) |θ|)) (+ 1.0 |B| (* (- 1.0) |θ|))) (* |B| |θ| (+ |A| |θ|))) 0.0) (distinct (* |θ| (+ 1.0 (* (- 1.0) |θ|)) (+ |A| |θ|) (+ 1.0 |B| (* (- 1.0) |θ|))) 0.0))) (and (= |A| 0.0) (= |B| 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; power at zero
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> (+ 1.0 |A|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (< (+ |A| |θ|) 0.0) (> (+ (* (- 1.0) |A|) (* (- 1.0) |θ|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; power at one
(set-logic QF_NRA)
(declare-const |B| Real)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> (+ 1.0 |B|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (> (+ (- 1.0) |θ| (* (- 1.0) |B|)) 0.0) (< (+ 1.0 |B| (* (- 1.0) |θ|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; low is a part
(set-logic QF_NRA)
(declare-const |A| Real)
(assert (> (+ 1.0 |A|) 0.0))
(assert (< |A| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< |A| 0.0) (< (+ (- 1.0) (* (- 1.0) |A|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no coefficient
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |B| Real)
(assert (> (+ 1.0 |A|) 0.0))
(assert (> (+ 1.0 |B|) 0.0))
(assert (= (+ |A| |B|) 0.0))
(assert (= (* 2.0 |A|) 0.0))
(assert (= (+ |A| (* |A| |B|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (= |A| 0.0) (= |B| 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
