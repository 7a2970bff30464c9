; Claim G6bx: 'The squared slopes will do for any labels' is false: with two classes, of which the first is the label for certain, ω to one against it at the closed gate z and log odds that the gate raises by D, the cost is ln(1+ω exp(−Dz)). The more the model doubts the label, the nearer the estimate Ĝ = g+g²/2 comes to D²/2−D, lim(Ĝ; ω → ∞) = worst, while the difference of the cost comes to lim(Δ; ω → ∞) = −D. Beyond a D of two the estimate has the wrong sign and closes a unit that the cost needs; at a D of one it misses by more than the third order may, (worst+D)[D = 1] > 1/(36√3). The bound on the excess e = g²−p(1−p)·D², with p = 1/(1+ω), is met in that limit, lim(e; ω → ∞) = D².

; dear
(set-logic QF_NRA)
(declare-const |D| Real)
(assert (> |D| 0.0))
(assert (> (+ (- 2.0) |D|) 0.0))
(assert (> |D| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ (* |D| |D|) (* (- 2.0) |D|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
