; Claim G7x: 'The slope tells whether a unit is worth its price' is false: let the cost of a unit with the weight w be bowl = (v/w²−ρ)(x−w)²−ρw(x−w) of the product x of gate ξ and weight: there the weight is stationary, and the unit is worth v. At every price c with ρw² < c and c < v the slope in the gate would close it, slope+c > 0, though the unit is worth more, worth > c; and v may be any number beyond.

; closes
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |v| Real)
(declare-const |w| Real)
(declare-const |ρ| Real)
(assert (> |ρ| 0.0))
(assert (> |w| 0.0))
(assert (> |c| 0.0))
(assert (> |v| 0.0))
(assert (< (+ (* (- 1.0) |c|) (* |ρ| (* |w| |w|))) 0.0))
(assert (< (+ |c| (* (- 1.0) |v|)) 0.0))
(assert (> |c| 0.0))
(assert (> |v| 0.0))
(assert (> |w| 0.0))
(assert (> |ρ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |c| (* (- 1.0) |ρ| (* |w| |w|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; worthy
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |v| Real)
(declare-const |w| Real)
(declare-const |ρ| Real)
(assert (> |ρ| 0.0))
(assert (> |w| 0.0))
(assert (> |c| 0.0))
(assert (> |v| 0.0))
(assert (< (+ (* (- 1.0) |c|) (* |ρ| (* |w| |w|))) 0.0))
(assert (< (+ |c| (* (- 1.0) |v|)) 0.0))
(assert (> |c| 0.0))
(assert (> |v| 0.0))
(assert (> |w| 0.0))
(assert (> |ρ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |v| (* (- 1.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
