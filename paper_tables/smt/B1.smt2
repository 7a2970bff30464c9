; Claim B1: A price is the multiplier of a budget. At a price p for each unit of size, no flip of a single gate improves a set of units just where each kept unit is worth its charge for its size k, and no other is worth more, with W = off−on: a gate is best open if and only if W/k ≥ p, and best closed if and only if W/k ≤ p. If a set of the cost C and the size S is the best of all, no set of the cost A and a size B that fits, B ≤ S, is cheaper. And at a higher price, q, a best set, with D and T, is never larger nor cheaper: T is at most S, and D is at least C.

; open: needed
(set-logic QF_NRA)
(declare-const |k| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(declare-const |p| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (<= (+ |on| (* (- 1.0) |off|) (* |k| |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; open: enough
(set-logic QF_NRA)
(declare-const |k| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(declare-const |p| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (>= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |k| |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |on| (* (- 1.0) |off|) (* |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; closed: needed
(set-logic QF_NRA)
(declare-const |k| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(declare-const |p| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |k| |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; closed: enough
(set-logic QF_NRA)
(declare-const |k| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(declare-const |p| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |k| |p|)) 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no cheaper
(set-logic QF_NRA)
(declare-const |A| Real)
(declare-const |B| Real)
(declare-const |C| Real)
(declare-const |S| Real)
(declare-const |p| Real)
(assert (> |p| 0.0))
(assert (<= (+ |C| (* (- 1.0) |A|) (* |S| |p|) (* (- 1.0) |B| |p|)) 0.0))
(assert (<= (+ |B| (* (- 1.0) |S|)) 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |A| (* (- 1.0) |C|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no larger
(set-logic QF_NRA)
(declare-const |C| Real)
(declare-const |D| Real)
(declare-const |S| Real)
(declare-const |T| Real)
(declare-const |p| Real)
(declare-const |q| Real)
(assert (> |p| 0.0))
(assert (<= (+ |C| (* (- 1.0) |D|) (* |S| |p|) (* (- 1.0) |T| |p|)) 0.0))
(assert (<= (+ |D| (* (- 1.0) |C|) (* |T| |q|) (* (- 1.0) |S| |q|)) 0.0))
(assert (> (+ |q| (* (- 1.0) |p|)) 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |T| (* (- 1.0) |S|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; not cheaper
(set-logic QF_NRA)
(declare-const |C| Real)
(declare-const |D| Real)
(declare-const |S| Real)
(declare-const |T| Real)
(declare-const |p| Real)
(assert (> |p| 0.0))
(assert (<= (+ |C| (* (- 1.0) |D|) (* |S| |p|) (* (- 1.0) |T| |p|)) 0.0))
(assert (<= (+ |T| (* (- 1.0) |S|)) 0.0))
(assert (> |p| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |D| (* (- 1.0) |C|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
