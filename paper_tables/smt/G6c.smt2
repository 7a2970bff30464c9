; Claim G6c: Where |g| ≤ D, with D the largest slope of a logit less the least, a sample's estimate Ĝ = g+(1/2−ξ)g² at a gate ξ is bounded by its slope, Ĝ² ≤ factor·g². So with mean squared slopes S₁ and S₀ at the open and at the closed gate, and q the probability of the first, its second moment is at most factor(qS₁+(1−q)S₀). What the gate adds to the variance of means e₁ and e₀ at its ends is q(1−q)(e₁−e₀)², as qe₁²+(1−q)e₀²−(qe₁+(1−q)e₀)² = spread: nothing at a gate that is closed or open for certain, spread[q = 0] = 0 and spread[q = 1] = 0. The trapezoid's second moment is (S₁/q+S₀/(1−q))/4, of which no bound holds that does not depend on q; at equal slopes trapezoid[S₁ = S, S₀ = S] = multiple·S, where multiple = 1/(4q(1−q)): multiple[q = 97/100] = 2500/291, above eight and a half.

; square
(set-logic QF_NRA)
(declare-const |Abs(g)| Real)
(declare-const |D| Real)
(declare-const |g| Real)
(declare-const |ξ| Real)
(assert (>= |ξ| 0.0))
(assert (<= (+ (- 1.0) |ξ|) 0.0))
(assert (>= |D| 0.0))
(assert (<= (+ |Abs(g)| (* (- 1.0) |D|)) 0.0))
(assert (>= |D| 0.0))
(assert (>= |ξ| 0.0))
(assert (>= (+ |Abs(g)| (* (- 1.0) |g|)) 0.0))
(assert (>= (+ |Abs(g)| |g|) 0.0))
(assert (or (= (+ |Abs(g)| (* (- 1.0) |g|)) 0.0) (= (+ |Abs(g)| |g|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (* |g| |g| |g| |g|) (* 4.0 (* |g| |g| |g|)) (* (- 1.0) (* |g| |g|) (* |D| |D|)) (* (- 8.0) |ξ| (* |g| |g| |g|)) (* (- 4.0) |D| (* |g| |g|)) (* (- 4.0) |ξ| (* |g| |g| |g| |g|)) (* 4.0 (* |g| |g| |g| |g|) (* |ξ| |ξ|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; rare gates
(set-logic QF_NRA)
(declare-const |M| Real)
(declare-const |S0| Real)
(declare-const |S1| Real)
(declare-const |q| Real)
(assert (>= |q| 0.0))
(assert (<= (+ (- 1.0) |q|) 0.0))
(assert (>= |S1| 0.0))
(assert (>= |S0| 0.0))
(assert (> |M| 0.0))
(assert (< (* (- 1.0) |q|) 0.0))
(assert (< (+ (- 1.0) |q|) 0.0))
(assert (< (+ (* (- 1.0) |S1|) (* 4.0 |q| |M|)) 0.0))
(assert (> |M| 0.0))
(assert (>= |S0| 0.0))
(assert (>= |S1| 0.0))
(assert (>= |q| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* 4.0 |q| (+ 1.0 (* (- 1.0) |q|)) (+ (* |S0| |q|) (* |S1| (+ 1.0 (* (- 1.0) |q|))) (* (- 4.0) |q| |M| (+ 1.0 (* (- 1.0) |q|))))) 0.0) (distinct (* 4.0 |q| (+ 1.0 (* (- 1.0) |q|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
