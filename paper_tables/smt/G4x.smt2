; Claim G4x: These variances hold for one gate only, and ‘antithetic pairs always vary less than leave-one-out of two’ is false with several: for a gate that does not matter, under a cost b times another gate, with p and r the probabilities of their rarer values, they have anti = b²r/p and pair = b²r(1−r)/(p(1−p)), and the mean zero, which is right; for any b but zero, anti > pair if and only if r > p.

; worse where
(set-logic QF_NRA)
(declare-const |b| Real)
(declare-const |p| Real)
(declare-const |r| Real)
(assert (> |p| 0.0))
(assert (<= (+ (- 1.0) (* 2.0 |p|)) 0.0))
(assert (> |r| 0.0))
(assert (<= (+ (- 1.0) (* 2.0 |r|)) 0.0))
(assert (distinct |b| 0.0))
(assert (> |p| 0.0))
(assert (> |r| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (> (+ |r| (* (- 1.0) |p|)) 0.0) (and (> (* |p| |r| (* |b| |b|) (+ 1.0 (* (- 1.0) |p|)) (+ |r| (* (- 1.0) |p|))) 0.0) (distinct (* |p| (+ 1.0 (* (- 1.0) |p|))) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
