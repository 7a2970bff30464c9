; Claim G3bx: ‘The floor costs no bias’ is false where gates interact: for C = xy with the gate y open for certain the gradient of x is gradient = 1, and with a floor δ the mean is floored = 1−δ, floored < gradient.

; lower
(set-logic QF_NRA)
(declare-const |δ| Real)
(assert (> |δ| 0.0))
(assert (<= (+ (- 1.0) (* 2.0 |δ|)) 0.0))
(assert (> |δ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (< (* (- 1.0) |δ|) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
