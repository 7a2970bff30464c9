; Claim G6cx: 'The second-order estimator never varies more than the trapezoid' is false: of a gate whose slope is g where it is open and nothing where it is closed, the second moments are q(g−g²/2)²+(1−q)·0 and q(g/(2q))², and the first is larger exactly if 2q(1−g/2) > 1.

; ordered
(set-logic QF_NRA)
(declare-const |g| Real)
(declare-const |q| Real)
(assert (> |q| 0.0))
(assert (< (+ (- 1.0) |q|) 0.0))
(assert (> |g| 0.0))
(assert (< (+ (- 2.0) |g|) 0.0))
(assert (> |g| 0.0))
(assert (> |q| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (> (+ (- 1.0) (* 2.0 |q|) (* (- 1.0) |g| |q|)) 0.0) (> (+ (* (- 1.0) (* |g| |g|)) (* (* |g| |g| |g| |g|) (* |q| |q|)) (* (- 4.0) (* |g| |g| |g|) (* |q| |q|)) (* 4.0 (* |g| |g|) (* |q| |q|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
