; Claim B2: Where no unit's worth W depends on the others, its gate's part of the objective at a price p is J = (pk−W)θ for the size k, and open is best where W ≥ pk, closed where W ≤ pk: the best set is what no flip improves. What stays at a higher price q stays at a lower one, W ≥ qk, q ≥ p ⇒ W ≥ pk, so that as the price rises units go in the order of their worth for their size, and what is left only shrinks. Bisection over that order finds the last unit that must go for a budget, to within one unit: the rest, s less k, is smaller than the budget B by less than that last unit, s > B, s−k ≤ B ⇒ B−(s−k) < k.

; open is best
(set-logic QF_NRA)
(declare-const |W| Real)
(declare-const |k| Real)
(declare-const |p| Real)
(declare-const |θ| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (>= (+ |W| (* (- 1.0) |k| |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (* (- 1.0) |W|) (* |W| |θ|) (* |k| |p|) (* (- 1.0) |θ| |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; closed is best
(set-logic QF_NRA)
(declare-const |W| Real)
(declare-const |k| Real)
(declare-const |p| Real)
(declare-const |θ| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (<= (+ |W| (* (- 1.0) |k| |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (* |W| |θ|) (* (- 1.0) |θ| |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; nested
(set-logic QF_NRA)
(declare-const |W| Real)
(declare-const |k| Real)
(declare-const |p| Real)
(declare-const |q| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (>= (+ |W| (* (- 1.0) |q| |k|)) 0.0))
(assert (>= (+ |q| (* (- 1.0) |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |W| (* (- 1.0) |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; gap
(set-logic QF_NRA)
(declare-const |B| Real)
(declare-const |k| Real)
(declare-const |s| Real)
(assert (> |k| 0.0))
(assert (> (+ |s| (* (- 1.0) |B|)) 0.0))
(assert (<= (+ |s| (* (- 1.0) |B|) (* (- 1.0) |k|)) 0.0))
(assert (> |k| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ |B| (* (- 1.0) |s|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
