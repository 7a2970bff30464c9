; Claim G3x: ‘The trapezoid is unbiased’ without ‘quadratic’ is false: for a cost u³ its mean is mean = 3/2 and the difference Δ = 1; for a ReLU that opens at t, 0 < t < 1, they are mean_t = 1/2 and Δ_t = 1−t, which differ but for one t.

; kinked mean
(set-logic QF_NRA)

(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= 0.0 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; kinked difference
(set-logic QF_NRA)
(declare-const |Max(0, 1 - t)| Real)
(declare-const |t| Real)
(assert (> |t| 0.0))
(assert (< (+ (- 1.0) |t|) 0.0))
(assert (> |t| 0.0))
(assert (>= |Max(0, 1 - t)| 0.0))
(assert (>= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0))
(assert (or (= |Max(0, 1 - t)| 0.0) (= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; bias
(set-logic QF_NRA)
(declare-const |Max(0, 1 - t)| Real)
(declare-const |t| Real)
(assert (> |t| 0.0))
(assert (< (+ (- 1.0) |t|) 0.0))
(assert (distinct (+ (- 1.0) (* 2.0 |t|)) 0.0))
(assert (> |t| 0.0))
(assert (>= |Max(0, 1 - t)| 0.0))
(assert (>= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0))
(assert (or (= |Max(0, 1 - t)| 0.0) (= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (distinct (+ 1.0 (* (- 2.0) |Max(0, 1 - t)|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; slope at 0
(set-logic QF_NRA)
(declare-const |Max(0, -t + u)| Real)
(declare-const |t| Real)
(declare-const |u| Real)
(assert (>= |u| 0.0))
(assert (<= (+ (- 1.0) |u|) 0.0))
(assert (> |t| 0.0))
(assert (< (+ (- 1.0) |t|) 0.0))
(assert (< (+ |u| (* (- 1.0) |t|)) 0.0))
(assert (> |t| 0.0))
(assert (>= |u| 0.0))
(assert (>= |Max(0, -t + u)| 0.0))
(assert (>= (+ |Max(0, -t + u)| |t| (* (- 1.0) |u|)) 0.0))
(assert (or (= |Max(0, -t + u)| 0.0) (= (+ |Max(0, -t + u)| |t| (* (- 1.0) |u|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= |Max(0, -t + u)| 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; slope at 1
(set-logic QF_NRA)
(declare-const |Max(0, -t + u)| Real)
(declare-const |Max(0, 1 - t)| Real)
(declare-const |t| Real)
(declare-const |u| Real)
(assert (>= |u| 0.0))
(assert (<= (+ (- 1.0) |u|) 0.0))
(assert (> |t| 0.0))
(assert (< (+ (- 1.0) |t|) 0.0))
(assert (> (+ |u| (* (- 1.0) |t|)) 0.0))
(assert (> |t| 0.0))
(assert (>= |u| 0.0))
(assert (>= |Max(0, 1 - t)| 0.0))
(assert (>= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0))
(assert (or (= |Max(0, 1 - t)| 0.0) (= (+ (- 1.0) |Max(0, 1 - t)| |t|) 0.0)))
(assert (>= |Max(0, -t + u)| 0.0))
(assert (>= (+ |Max(0, -t + u)| |t| (* (- 1.0) |u|)) 0.0))
(assert (or (= |Max(0, -t + u)| 0.0) (= (+ |Max(0, -t + u)| |t| (* (- 1.0) |u|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (+ 1.0 |Max(0, -t + u)| (* (- 1.0) |Max(0, 1 - t)|) (* (- 1.0) |u|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
