; Claim P4: Prune a unit when θ = 0 and z > z_α, with z = x√(n/(q−x²)) of the mean x and the mean square q of its gate gradient c−W over n independent steps, and z_α the normal quantile of one less the level, W being what the unit is worth. W < c if and only if g > 0, so a unit that is worth its price goes with a probability of about the level, exactly that of Student's tail for normal noise, for z = √(n/(n−1))t with Student's t = x√n/√(n(q−x²)/(n−1)), and never while its gate is open; a gate at zero alone would prune worthy units for no reason. Where the unit is certified to lie in its domain of attraction, the mean is positive: |W| ≤ κr, κr < c ⇒ g > 0.

; sign
(set-logic QF_NRA)
(declare-const |W| Real)
(declare-const |c| Real)
(assert (> |c| 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (< (+ |W| (* (- 1.0) |c|)) 0.0) (> (+ |c| (* (- 1.0) |W|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; certified
(set-logic QF_NRA)
(declare-const |Abs(W)| Real)
(declare-const |W| Real)
(declare-const |c| Real)
(declare-const |r| Real)
(declare-const |κ| Real)
(assert (> |c| 0.0))
(assert (> |κ| 0.0))
(assert (>= |r| 0.0))
(assert (<= (+ |Abs(W)| (* (- 1.0) |r| |κ|)) 0.0))
(assert (< (+ (* (- 1.0) |c|) (* |r| |κ|)) 0.0))
(assert (> |c| 0.0))
(assert (>= |r| 0.0))
(assert (> |κ| 0.0))
(assert (>= (+ |Abs(W)| (* (- 1.0) |W|)) 0.0))
(assert (>= (+ |Abs(W)| |W|) 0.0))
(assert (or (= (+ |Abs(W)| (* (- 1.0) |W|)) 0.0) (= (+ |Abs(W)| |W|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |c| (* (- 1.0) |W|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
