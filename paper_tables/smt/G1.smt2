; Claim G1: With one gate replaced by a uniform u and the other gates Bernoulli, the cost's derivative at u has the mean difference between the gate on and off, for every cost absolutely continuous in the gate, ReLU included. With a random share ρ of all gates probed and the derivative divided by ρ, the bias is at most 2M(1−(1−ρ)ᵏ), which is at most 2Mkρ, M the most that a gate can change the cost and k the number of other gates; for a cost linear in each gate the probes act as θ+ρ(1/2−θ) in place of θ, and for a quadratic cost with the difference Δ and the curvature h the variance is (Δ²+h²/12)/ρ−Δ².

; at most linear
(set-logic QF_NRA)
(declare-const |M| Real)
(declare-const |b| Real)
(declare-const |k| Real)
(declare-const |ρ| Real)
(assert (> |ρ| 0.0))
(assert (<= (+ (- 1.0) |ρ|) 0.0))
(assert (> |M| 0.0))
(assert (>= |k| 0.0))
(assert (>= |b| 0.0))
(assert (<= (+ |b| (* (- 2.0) |k| |M| |ρ|)) 0.0))
(assert (> |M| 0.0))
(assert (>= |b| 0.0))
(assert (>= |k| 0.0))
(assert (> |ρ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |b| (* (- 1.0) |b| |ρ|) (* (- 2.0) |k| |M| |ρ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
