; Claim D1x: It is false that the vertices of the flat face around a fractional local minimiser are local minimisers too, or that every local minimiser is a vertex: with the cost C = θ₁θ₂−cθ₁−(q+c)θ₂ and the price c the objective is L = θ₂(θ₁−q), for C+c(θ₁+θ₂) = L, and it has, where x > q, the local minimiser (x, 0), and is constant along its first gate, L[θ₂ = y] = 0; but at the vertex where both gates are off (dL/dθ₂)[θ₁ = 0, θ₂ = 0] < 0.

; no descent
(set-logic QF_NRA)
(declare-const |Abs(q - x)| Real)
(declare-const |Abs(x - θ1)| Real)
(declare-const |q| Real)
(declare-const |x| Real)
(declare-const |θ1| Real)
(declare-const |θ2| Real)
(assert (> |q| 0.0))
(assert (< (+ (- 1.0) |q|) 0.0))
(assert (>= |x| 0.0))
(assert (<= (+ (- 1.0) |x|) 0.0))
(assert (>= |θ1| 0.0))
(assert (<= (+ (- 1.0) |θ1|) 0.0))
(assert (>= |θ2| 0.0))
(assert (<= (+ (- 1.0) |θ2|) 0.0))
(assert (> (+ |x| (* (- 1.0) |q|)) 0.0))
(assert (< (+ |Abs(x - θ1)| (* (- 1.0) |Abs(q - x)|)) 0.0))
(assert (> |q| 0.0))
(assert (>= |x| 0.0))
(assert (>= |θ1| 0.0))
(assert (>= |θ2| 0.0))
(assert (>= (+ |Abs(q - x)| |x| (* (- 1.0) |q|)) 0.0))
(assert (>= (+ |Abs(q - x)| |q| (* (- 1.0) |x|)) 0.0))
(assert (or (= (+ |Abs(q - x)| |q| (* (- 1.0) |x|)) 0.0) (= (+ |Abs(q - x)| |x| (* (- 1.0) |q|)) 0.0)))
(assert (>= (+ |Abs(x - θ1)| |θ1| (* (- 1.0) |x|)) 0.0))
(assert (>= (+ |Abs(x - θ1)| |x| (* (- 1.0) |θ1|)) 0.0))
(assert (or (= (+ |Abs(x - θ1)| |x| (* (- 1.0) |θ1|)) 0.0) (= (+ |Abs(x - θ1)| |θ1| (* (- 1.0) |x|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ (* |θ1| |θ2|) (* (- 1.0) |θ2| |q|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; falls
(set-logic QF_NRA)
(declare-const |q| Real)
(assert (> |q| 0.0))
(assert (< (+ (- 1.0) |q|) 0.0))
(assert (> |q| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (* (- 1.0) |q|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
