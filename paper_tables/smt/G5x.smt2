; Claim G5x: ‘The exponential law is that of the projected steps’ is false but for drifts d much smaller than the noise σ: with noise of either sign and this size, moves of η(σ−d) and η(−σ−d), a gate that is at its boundary never leaves it if d ≥ σ, whatever the step η, while the law's mean 1/κ−1/(exp(κ)−1) stays positive.

; cut off
(set-logic QF_NRA)
(declare-const |d| Real)
(declare-const |η| Real)
(declare-const |σ| Real)
(assert (> |d| 0.0))
(assert (> |σ| 0.0))
(assert (> |η| 0.0))
(assert (>= (+ |d| (* (- 1.0) |σ|)) 0.0))
(assert (> |d| 0.0))
(assert (> |η| 0.0))
(assert (> |σ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (<= (+ (* |η| |σ|) (* (- 1.0) |d| |η|)) 0.0) (< (+ (* (- 1.0) |d| |η|) (* (- 1.0) |η| |σ|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; positive
(set-logic QF_NRA)
(declare-const |d| Real)
(declare-const |exp(2*d/(η*σ**2))| Real)
(declare-const |η| Real)
(declare-const |σ| Real)
(assert (> |d| 0.0))
(assert (> |σ| 0.0))
(assert (> |η| 0.0))
(assert (> |d| 0.0))
(assert (> |η| 0.0))
(assert (> |σ| 0.0))
(assert (> |exp(2*d/(η*σ**2))| 0.0))
(assert (> (+ (* (- 2.0) |d|) (* (- 1.0) |η| (* |σ| |σ|)) (* |exp(2*d/(η*σ**2))| |η| (* |σ| |σ|))) 0.0))
(assert (> (+ (- 1.0) |exp(2*d/(η*σ**2))|) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* 2.0 |d| (+ (- 1.0) |exp(2*d/(η*σ**2))|) (+ (* (- 2.0) |d|) (* |η| (* |σ| |σ|) (+ (- 1.0) |exp(2*d/(η*σ**2))|)))) 0.0) (distinct (* 2.0 |d| (+ (- 1.0) |exp(2*d/(η*σ**2))|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
