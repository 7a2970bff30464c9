; Claim F2x: It is false that an open gate is stable whenever it rests: with J = s(θ(a−w)²+(1−θ)a²)/2+λw²/2+cθ at s = 1, a = 1, λ = 1, c = 3/8 it rests at w₁ = sa/(s+λ), ẇ[w = w₁, θ = 1] = 0 and θ̇[w = w₁] ≥ 0, but all starts with an open gate and w < w₁ end where the gate is off, however near they are.

; falls on that side
(set-logic QF_NRA)
(declare-const |w| Real)
(assert (< (+ (- 1.0) (* 2.0 |w|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ (- 3.0) (* (- 4.0) (* |w| |w|)) (* 8.0 |w|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; wall
(set-logic QF_NRA)
(declare-const |θ| Real)
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ (- 1.0) |θ|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
