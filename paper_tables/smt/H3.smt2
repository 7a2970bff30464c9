; Claim H3: With γ ≠ 1, a density over π from zero to one, smooth or not, whose profile, the least of KL(θ‖π) = θ ln(θ/π)+(1−θ) ln((1−θ)/(1−π)) minus its logarithm, is affine in θ with slope ln γ between zero and one, is p(π|γ) = (γ−1)/(ln γ·(1+(γ−1)π)) but for a null set, and everywhere if the least is attained. The minimiser is one over π; over the logit of π it is another point than π* = θ/(θ+γ(1−θ)): (d(KL(θ‖π)−ln p(π|γ)−ln(π(1−π)))/dπ)[π = π*][θ = 1/3, γ = 2] ≠ 0.

; concave
(set-logic QF_NRA)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (<= (* |θ| (+ 1.0 (* 4.0 |θ| (+ (- 1.0) |θ|))) (+ (- 1.0) |θ|)) 0.0) (distinct (* |θ| (+ (- 1.0) |θ|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; slope of g rises
(set-logic QF_NRA)
(declare-const |exp(x)| Real)
(declare-const |x| Real)
(declare-const |γ| Real)
(assert (> |γ| 0.0))
(assert (> |γ| 0.0))
(assert (> |exp(x)| 0.0))
(assert (or (= |x| 0.0) (> (+ (- 1.0) |exp(x)| (* (- 1.0) |x|)) 0.0)))
(assert (=> (= |x| 0.0) (= (+ (- 1.0) |exp(x)|) 0.0)))
(assert (=> (> |x| 0.0) (> (+ (- 1.0) |exp(x)|) 0.0)))
(assert (=> (< |x| 0.0) (< (+ (- 1.0) |exp(x)|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* |exp(x)| |γ| (* (+ 1.0 (* |exp(x)| |γ|)) (+ 1.0 (* |exp(x)| |γ|)))) 0.0) (distinct (* (+ 1.0 (* |exp(x)| |γ|)) (+ 1.0 (* |exp(x)| |γ|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
