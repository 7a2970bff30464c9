; Claim G4: For one gate with 0 < θ < 1 all score-function estimators are unbiased, whatever its costs C₁ and C₀. With a baseline b the variance is ((C₁−b)(1−θ)+(C₀−b)θ)²/(θ(1−θ)), for a single draw, and Var[b = C₁(1−θ)+C₀θ] = 0. Leave-one-out of two draws has Δ²(1−2σ²)/(2σ²), σ² = θ(1−θ), and of K draws Δ²((1−3σ²)/(Kσ²)−(K−3)/(K(K−1))); these too are unbiased. Antithetic pairs have Δ²(1−2p)/(2p), p the probability of the rarer value; they are unbiased as well, and they vary less than leave-one-out of two unless the gate does not matter.

; less than two draws
(set-logic QF_NRA)
(declare-const |p| Real)
(declare-const |Δ| Real)
(assert (> |p| 0.0))
(assert (<= (+ (- 1.0) (* 2.0 |p|)) 0.0))
(assert (distinct |Δ| 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< (* 2.0 |p| (* |Δ| |Δ|) (+ 1.0 (* (- 1.0) |p|)) (+ (- 1.0) (* (+ 1.0 (* (- 1.0) |p|)) (+ 1.0 (* (- 2.0) |p|))) (* 2.0 |p| (+ 1.0 (* (- 1.0) |p|))))) 0.0) (distinct (* 2.0 |p| (+ 1.0 (* (- 1.0) |p|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
