; Claim G7: Let a unit act only through its outgoing weights w₁, w₂ (or any number of them) times its gate ξ, let the gate be open, and the weights stationary: the derivatives G₁ and G₂ of the cost in them are G₁ = −ρw₁ and G₂ = −ρw₂, with ρ the weight decay for a sample. Then the slope of the cost in the gate is w₁G₁+w₂G₂, C′ = −ρ(w₁²+w₂²), whatever the unit is worth: for every v there is a cost with a weight at rest and just that worth, and for a quadratic cost the rest of it is in the curvature, worth = ρw²+C″/2.

; blind
(set-logic QF_NRA)
(declare-const |G1| Real)
(declare-const |G2| Real)
(declare-const |w1| Real)
(declare-const |w2| Real)
(declare-const |ρ| Real)
(assert (> |ρ| 0.0))
(assert (= (+ |G1| (* |w1| |ρ|)) 0.0))
(assert (= (+ |G2| (* |w2| |ρ|)) 0.0))
(assert (> |ρ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (+ (* |G1| |w1|) (* |G2| |w2|) (* |ρ| (* |w1| |w1|)) (* |ρ| (* |w2| |w2|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
