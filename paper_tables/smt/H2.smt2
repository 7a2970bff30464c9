; Claim H2: Let KL(θ‖π) = θ ln(θ/π)+(1−θ) ln((1−θ)/(1−π)) and p(π|γ) = (γ−1)/(ln γ·(1+(γ−1)π)) with γ ≠ 1. The objective J = KL(θ‖π)−ln p(π|γ) has one stationary point in π, π* = θ/(θ+γ(1−θ)), its global minimum, and the minimum is affine in θ: J[π = π*] = profile with profile = θ ln γ+ln(ln γ/(γ−1)), dprofile/dθ = ln γ; both ends of θ included, where π* is that end itself, and the minimum is approached. In the limit of the uniform law lim(profile; γ → 1) = 0. The objective is not convex in π, (d²J/dπ²)[θ = 1/100, π = 1/10, γ = 100] < 0, but strictly convex in the logit x of π: J[π = exp(x)/(1+exp(x))] = K with K = ln(1+γ exp(x))−θx+θ ln θ+(1−θ) ln(1−θ)+ln(ln γ/(γ−1)), and d²K/dx² > 0.

; falls
(set-logic QF_NRA)
(declare-const |γ| Real)
(declare-const |θ| Real)
(declare-const |π| Real)
(assert (> |γ| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (> |π| 0.0))
(assert (< (+ (- 1.0) |π|) 0.0))
(assert (and (< (* (+ |θ| (* |γ| (+ 1.0 (* (- 1.0) |θ|)))) (+ (* (- 1.0) |θ|) (* |π| (+ |θ| (* |γ| (+ 1.0 (* (- 1.0) |θ|))))))) 0.0) (distinct (+ |θ| (* |γ| (+ 1.0 (* (- 1.0) |θ|)))) 0.0)))
(assert (> |γ| 0.0))
(assert (>= |θ| 0.0))
(assert (> |π| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|))) (+ (* |π| (+ 1.0 (* (- 1.0) |θ|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|)))) (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ (- 1.0) |γ|)) (* (- 1.0) |θ| (+ 1.0 (* (- 1.0) |π|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|)))))) 0.0) (distinct (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|)))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; rises
(set-logic QF_NRA)
(declare-const |γ| Real)
(declare-const |θ| Real)
(declare-const |π| Real)
(assert (> |γ| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (> |π| 0.0))
(assert (< (+ (- 1.0) |π|) 0.0))
(assert (and (> (* (+ |θ| (* |γ| (+ 1.0 (* (- 1.0) |θ|)))) (+ (* (- 1.0) |θ|) (* |π| (+ |θ| (* |γ| (+ 1.0 (* (- 1.0) |θ|))))))) 0.0) (distinct (+ |θ| (* |γ| (+ 1.0 (* (- 1.0) |θ|)))) 0.0)))
(assert (> |γ| 0.0))
(assert (>= |θ| 0.0))
(assert (> |π| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|))) (+ (* |π| (+ 1.0 (* (- 1.0) |θ|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|)))) (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ (- 1.0) |γ|)) (* (- 1.0) |θ| (+ 1.0 (* (- 1.0) |π|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|)))))) 0.0) (distinct (* |π| (+ 1.0 (* (- 1.0) |π|)) (+ 1.0 (* |π| (+ (- 1.0) |γ|)))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; convex
(set-logic QF_NRA)
(declare-const |exp(x)| Real)
(declare-const |x| Real)
(declare-const |γ| Real)
(assert (> |γ| 0.0))
(assert (distinct (+ (- 1.0) |γ|) 0.0))
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
