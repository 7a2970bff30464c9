; Claim D4: Where the objective J = C+P+c·Σθᵢ is at most that of the empty network, J ≤ C(0), with a cost C ≥ 0 and a weight penalty P ≥ 0, the expected number Σθᵢ of active units is at most B = (C(0)−C)/c; without a penalty the bound may be met. So Σθᵢ ≤ B and B ≤ C(0)/c, whatever the starting width, where C(0) is −N ln(exp(0)/(K exp(0))) = N ln K for zero logits of K classes and N samples. If marginal values diminish, every vertex that no flip of a single gate improves is as good as the empty network, so that the bounds hold there too.

; size
(set-logic QF_NRA)
(declare-const |C| Real)
(declare-const |C0| Real)
(declare-const |P| Real)
(declare-const |S| Real)
(declare-const |c| Real)
(assert (> |c| 0.0))
(assert (>= |S| 0.0))
(assert (<= (+ |C| |P| (* (- 1.0) |C0|) (* |S| |c|)) 0.0))
(assert (>= |P| 0.0))
(assert (>= |S| 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |C| (* (- 1.0) |C0|) (* |S| |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; saved
(set-logic QF_NRA)
(declare-const |C| Real)
(declare-const |C0| Real)
(declare-const |c| Real)
(assert (> |c| 0.0))
(assert (>= |C| 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (* (- 1.0) |C|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; each saves its price
(set-logic QF_NRA)
(declare-const |D| Real)
(declare-const |W| Real)
(declare-const |c| Real)
(assert (> |c| 0.0))
(assert (>= (+ |D| (* (- 1.0) |W|)) 0.0))
(assert (>= (+ |W| (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |D| (* (- 1.0) |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; one gate more
(set-logic QF_NRA)
(declare-const |C| Real)
(declare-const |C0| Real)
(declare-const |D| Real)
(declare-const |c| Real)
(declare-const |k| Real)
(assert (> |c| 0.0))
(assert (>= (+ |C0| (* (- 1.0) |C|) (* (- 1.0) |k| |c|)) 0.0))
(assert (>= (+ |D| (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |C0| |D| (* (- 1.0) |C|) (* (- 1.0) |c|) (* (- 1.0) |k| |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; as good again
(set-logic QF_NRA)
(declare-const |C| Real)
(declare-const |C0| Real)
(declare-const |c| Real)
(declare-const |k| Real)
(assert (> |c| 0.0))
(assert (>= (+ |C0| (* (- 1.0) |C|) (* (- 1.0) |k| |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |C| (* (- 1.0) |C0|) (* |k| |c|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
