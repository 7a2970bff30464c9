; Claim G3by: ‘The trapezoid with a floor always varies less than the path estimator’ is false: with the second moments ours = (1/q+1/(1−q))/4 and theirs = 1/ρ at equal slopes, ours < theirs if and only if 4q(1−q) > ρ; 1.71 < ratio[q = 0.97, ρ = 0.2] < 1.72.

; condition
(set-logic QF_NRA)
(declare-const |q| Real)
(declare-const |ρ| Real)
(assert (> |q| 0.0))
(assert (< (+ (- 1.0) |q|) 0.0))
(assert (> |ρ| 0.0))
(assert (<= (+ (- 1.0) |ρ|) 0.0))
(assert (> |q| 0.0))
(assert (> |ρ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (> (+ (* (- 1.0) |ρ|) (* (- 4.0) (* |q| |q|)) (* 4.0 |q|)) 0.0) (and (< (* 4.0 |q| |ρ| (+ 1.0 (* (- 1.0) |q|)) (+ (* |q| |ρ|) (* |ρ| (+ 1.0 (* (- 1.0) |q|))) (* (- 4.0) |q| (+ 1.0 (* (- 1.0) |q|))))) 0.0) (distinct (* 4.0 |q| |ρ| (+ 1.0 (* (- 1.0) |q|))) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
