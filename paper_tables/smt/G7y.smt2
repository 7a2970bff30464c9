; Claim G7y: 'The curvature tells whether a unit is worth its price' is false where the weight is not stationary: let the cost of the product x of gate and weight be cost = s(a−x)²/2, so that half of the curvature along the gate is (d²along/dξ²)[ξ = 1]/2, half > 0. If w > 2a, the unit does harm all the same; and if (k+1)w < 2a, as while a unit is new, it is worth more than k times that.

; positive
(set-logic QF_NRA)
(declare-const |s| Real)
(declare-const |w| Real)
(assert (> |s| 0.0))
(assert (> |w| 0.0))
(assert (> |s| 0.0))
(assert (> |w| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (* |s| (* |w| |w|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; harm
(set-logic QF_NRA)
(declare-const |a| Real)
(declare-const |s| Real)
(declare-const |w| Real)
(assert (> |s| 0.0))
(assert (> |a| 0.0))
(assert (> |w| 0.0))
(assert (> (+ |w| (* (- 2.0) |a|)) 0.0))
(assert (> |a| 0.0))
(assert (> |s| 0.0))
(assert (> |w| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ (* (- 1.0) |s| (* |w| |w|)) (* 2.0 |a| |s| |w|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; more
(set-logic QF_NRA)
(declare-const |a| Real)
(declare-const |k| Real)
(declare-const |s| Real)
(declare-const |w| Real)
(assert (> |s| 0.0))
(assert (> |a| 0.0))
(assert (> |k| 0.0))
(assert (> |w| 0.0))
(assert (< (+ |w| (* (- 2.0) |a|) (* |k| |w|)) 0.0))
(assert (> |a| 0.0))
(assert (> |k| 0.0))
(assert (> |s| 0.0))
(assert (> |w| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ (* (- 1.0) |s| (* |w| |w|)) (* (- 1.0) |k| |s| (* |w| |w|)) (* 2.0 |a| |s| |w|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
