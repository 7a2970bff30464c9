; Claim D2x: It is false that a stationary interior gate with a non-zero mixed derivative always lets the objective fall: in J = θ₁θ₂ at (x, 0), for every x between zero and one, the gate is stationary, (dJ/dθ₁)[θ₁ = x, θ₂ = y] = 0, the mixed derivative is not zero, (d(dJ/dθ₁)/dθ₂)[θ₁ = x, θ₂ = y] ≠ 0, but a positive gradient holds the partner at 0, (dJ/dθ₂)[θ₁ = x, θ₂ = y] > 0, and nothing in the square is lower, J ≥ J[θ₁ = x, θ₂ = y].

; mixed
(set-logic QF_NRA)

(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (distinct 1.0 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; held
(set-logic QF_NRA)
(declare-const |x| Real)
(assert (> |x| 0.0))
(assert (< (+ (- 1.0) |x|) 0.0))
(assert (> |x| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> |x| 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; lowest
(set-logic QF_NRA)
(declare-const |θ1| Real)
(declare-const |θ2| Real)
(assert (>= |θ1| 0.0))
(assert (<= (+ (- 1.0) |θ1|) 0.0))
(assert (>= |θ2| 0.0))
(assert (<= (+ (- 1.0) |θ2|) 0.0))
(assert (>= |θ1| 0.0))
(assert (>= |θ2| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (* |θ1| |θ2|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
