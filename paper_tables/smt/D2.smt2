; Claim D2: The objective J = C(ξᵢ=0)−θ(C(ξᵢ=0)−C(ξᵢ=1))+λw²/2+cθ is affine in a gate, ∂²J/∂θ² = 0, where the costs off and on may depend on everything else. So at an interior stationary point at which the mixed derivative with a partner coordinate is b ≠ 0, and the partner's own curvature is h, the Hessian's lowest eigenvalue is at most (h−√(h²+4b²))/2 and its highest at least (h+√(h²+4b²))/2, the first negative, ν < 0, and the second positive, ν′ > 0: it is a strict saddle. The partner is a weight, an interior gate, or a bound one with zero gradient, for the objective falls along a direction into the cube.

; falls
(set-logic QF_NRA)
(declare-const |b| Real)
(declare-const |h| Real)
(declare-const |sqrt(4*b**2 + h**2)| Real)
(assert (distinct |b| 0.0))
(assert (>= |sqrt(4*b**2 + h**2)| 0.0))
(assert (= (+ (* |sqrt(4*b**2 + h**2)| |sqrt(4*b**2 + h**2)|) (* (- 1.0) (* |h| |h|)) (* (- 4.0) (* |b| |b|))) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ |h| (* (- 1.0) |sqrt(4*b**2 + h**2)|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; rises
(set-logic QF_NRA)
(declare-const |b| Real)
(declare-const |h| Real)
(declare-const |sqrt(4*b**2 + h**2)| Real)
(assert (distinct |b| 0.0))
(assert (>= |sqrt(4*b**2 + h**2)| 0.0))
(assert (= (+ (* |sqrt(4*b**2 + h**2)| |sqrt(4*b**2 + h**2)|) (* (- 1.0) (* |h| |h|)) (* (- 4.0) (* |b| |b|))) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |h| |sqrt(4*b**2 + h**2)|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; falls along it
(set-logic QF_NRA)
(declare-const |b| Real)
(declare-const |h| Real)
(declare-const |y| Real)
(assert (< (+ |h| (* 2.0 |b| |y|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ |h| (* 2.0 |b| |y|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
