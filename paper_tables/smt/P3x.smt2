; Claim P3x: Without v_c ≤ v_m the bound does not hold for ever: at κ = 1, λ = 1/10, c = 3/10, with steps of size a = 1/20 (am ≤ 1) and noise of fair signs of sizes b_θ = 3/10 and b_r = 3/10, v_c > v_m, and from the state where both r and θ are zero bound < 0.00355; yet V reaches V̄ almost surely. Here v_c = max{v_θ, v_r}, v_θ = (1−aλ)(c+b_θ)+aκb_r, v_r = κb_r/μ+ma(b_θ−c)₊, v_m = V̄−b/μ, bound = exp(−ρ(V̄−V₀)²), ρ = μ(2+aμ)/(2ab²), b = mb_θ+κb_r, V = mθ+κr, V̄ = m²c/κ², m = (λ+√(λ²+4κ²))/2, μ = κ²/m as in the claim before.

; θ is not clipped
(set-logic QF_NRA)
(declare-const |r| Real)
(declare-const |θ| Real)
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |r| (* 20.0 |θ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; r is not clipped
(set-logic QF_NRA)
(declare-const |r| Real)
(declare-const |θ| Real)
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ 3.0 (* 10.0 |θ|) (* 199.0 |r|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; the cap is out of reach
(set-logic QF_NRA)
(declare-const |r| Real)
(declare-const |sqrt(401)| Real)
(declare-const |θ| Real)
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (< (+ (- 3.0) (* (- 6.0) |sqrt(401)|) (* (- 3.0) (* |sqrt(401)| |sqrt(401)|)) (* 200.0 |θ|) (* 4000.0 |r|) (* 200.0 |sqrt(401)| |θ|)) 0.0))
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(assert (>= |sqrt(401)| 0.0))
(assert (= (+ (- 401.0) (* |sqrt(401)| |sqrt(401)|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (- 20.0) |r| (* 20.0 |θ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; rises
(set-logic QF_NRA)
(declare-const |r| Real)
(declare-const |sqrt(401)| Real)
(declare-const |θ| Real)
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (>= |r| 0.0))
(assert (>= |θ| 0.0))
(assert (>= |sqrt(401)| 0.0))
(assert (= (+ (- 401.0) (* |sqrt(401)| |sqrt(401)|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ (* (- 1.0) |r|) (* 20.0 |θ|) (* |sqrt(401)| |r|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
