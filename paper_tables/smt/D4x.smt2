; Claim D4x: It is false that every vertex that no flip of a single gate improves has at most M = (C[k = 0]−C[k = n])/c active units: with all 100 gates of an AND on, its cost being Λ(1−⌊k/n⌋) with k of n = 100 gates on, C[k = n−1]−C[k = n] ≥ c, for every Λ ≥ c; yet, if Λ < nc, M < n, and C[k = n]+cn > C[k = 0].

; optimal
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |Λ| Real)
(assert (> |c| 0.0))
(assert (>= (+ |Λ| (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |Λ| (* (- 1.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; more
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |Λ| Real)
(assert (> |c| 0.0))
(assert (< (+ |Λ| (* (- 100.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (+ |Λ| (* (- 100.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; worse
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |Λ| Real)
(assert (> |c| 0.0))
(assert (< (+ |Λ| (* (- 100.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ (* (- 1.0) |Λ|) (* 100.0 |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
