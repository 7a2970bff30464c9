; Claim D3: At a vertex that no flip of a single gate improves, each active unit is worth at least its price, and each inactive one at most, where a unit is worth W = C(ξᵢ=0)−C(ξᵢ=1); and these conditions suffice: it is best active if and only if W ≥ c, and best inactive if and only if W ≤ c.

; active: needed
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (<= (+ |on| |c| (* (- 1.0) |off|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; active: enough
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (>= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |on| |c| (* (- 1.0) |off|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; inactive: needed
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; inactive: enough
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
