; Claim P4: Prune a unit when θ = 0 and z = √n·x̄/s of its gate gradient C(1)−C(0)+c over n independent steps exceeds the normal quantile of 1−α: a unit that is worth its price goes with probability about α (exactly Student's tail for normal noise), while θ = 0 alone prunes worthy units for no reason. Where certificate P1 holds with κr < c, the mean is positive.

; the mean is positive for a unit not worth its price
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |worth| Real)
(assert (< (+ |worth| (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(assert (> |worth| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |c| (* (- 1.0) |worth|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; it is not for a unit worth its price
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |worth| Real)
(assert (>= (+ |worth| (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(assert (> |worth| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |c| (* (- 1.0) |worth|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; κr < c certifies a positive mean
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |r| Real)
(declare-const |Δ| Real)
(declare-const |κ| Real)
(assert (<= (+ |Δ| (* (- 1.0) |r| |κ|)) 0.0))
(assert (<= (+ (* (- 1.0) |Δ|) (* (- 1.0) |r| |κ|)) 0.0))
(assert (< (+ (* (- 1.0) |c|) (* |r| |κ|)) 0.0))
(assert (> |c| 0.0))
(assert (> |r| 0.0))
(assert (> |κ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |Δ| |c|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
