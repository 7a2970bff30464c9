; Claim G2: Straight-through, which draws the gate, has the mean E[C′] = θ·C′(1)+(1−θ)·C′(0). For a quadratic cost of the difference Δ and the curvature h that is E[C′] = Δ+h(θ−1/2), with Var[C′] = h²θ(1−θ), and it creates an attracting rest point, θ* = 1/2−(Δ+c)/h; 0 < θ* < 1 if and only if |Δ+c| < h/2. There the true gradient Δ+c does not depend on the gate and drives it to an end.

; attracts
(set-logic QF_NRA)
(declare-const |h| Real)
(assert (> |h| 0.0))
(assert (> |h| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (* (- 1.0) |h|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; interior
(set-logic QF_NRA)
(declare-const |Abs(c + Δ)| Real)
(declare-const |c| Real)
(declare-const |h| Real)
(declare-const |Δ| Real)
(assert (> |c| 0.0))
(assert (> |h| 0.0))
(assert (> |c| 0.0))
(assert (> |h| 0.0))
(assert (>= (+ |Abs(c + Δ)| (* (- 1.0) |Δ|) (* (- 1.0) |c|)) 0.0))
(assert (>= (+ |Abs(c + Δ)| |Δ| |c|) 0.0))
(assert (or (= (+ |Abs(c + Δ)| (* (- 1.0) |Δ|) (* (- 1.0) |c|)) 0.0) (= (+ |Abs(c + Δ)| |Δ| |c|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (< (+ (* (- 1.0) |h|) (* 2.0 |Abs(c + Δ)|)) 0.0) (and (< (+ (* (- 1.0) |h|) (* 2.0 |Δ|) (* 2.0 |c|)) 0.0) (< (+ (* (- 1.0) |h|) (* (- 2.0) |Δ|) (* (- 2.0) |c|)) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
