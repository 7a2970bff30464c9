; Claim H1: For γ ≠ 1, p(π|γ) = (γ−1)/(ln γ·(1+(γ−1)π)) is a density over π from zero to one, with the distribution function F = ln(1+(γ−1)π)/ln γ and the quantile Q = (γ^u−1)/(γ−1), F[π = Q] = u; its mean is M = 1/ln γ−1/(γ−1), its variance is S = (γ+1)/(2(γ−1) ln γ)−1/(ln γ)², its entropy is H = ln(√γ ln γ/(γ−1)). It is uniform in the limit, lim(p(π|γ); γ → 1) = 1, where lim((M[γ = exp(L)]−(1/2−L/12+L³/720))/L⁴; L → 0) = 0 and lim((S[γ = exp(L)]−(1/12−L²/720))/L³; L → 0) = 0. p(π|γ)[γ = 1/γ, π = 1−π] = p(π|γ): exchanging both ends inverts γ. With x for 1+(γ−1)π, F[π = (x−1)/(γ−1)] = ln x/ln γ: that is log-uniform between one and γ.

; positive
(set-logic QF_NRA)
(declare-const |log(γ)| Real)
(declare-const |γ| Real)
(declare-const |π| Real)
(assert (> |γ| 0.0))
(assert (>= |π| 0.0))
(assert (<= (+ (- 1.0) |π|) 0.0))
(assert (distinct (+ (- 1.0) |γ|) 0.0))
(assert (> |γ| 0.0))
(assert (>= |π| 0.0))
(assert (and (=> (= (+ (- 1.0) |γ|) 0.0) (= |log(γ)| 0.0)) (=> (> (+ (- 1.0) |γ|) 0.0) (> |log(γ)| 0.0)) (=> (< (+ (- 1.0) |γ|) 0.0) (< |log(γ)| 0.0)) (or (= (+ (- 1.0) |γ|) 0.0) (and (< (+ 1.0 |log(γ)| (* (- 1.0) |γ|)) 0.0) (> (+ 1.0 (* (- 1.0) |γ|) (* |log(γ)| |γ|)) 0.0)))))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* |log(γ)| (+ 1.0 (* |π| (+ (- 1.0) |γ|))) (+ (- 1.0) |γ|)) 0.0) (distinct (* |log(γ)| (+ 1.0 (* |π| (+ (- 1.0) |γ|)))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
