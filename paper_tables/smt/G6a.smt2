; Claim G6a: Let the logits of a cross-entropy be affine in a gate z, with slopes J₁, J₂, J₃ (or any number of them); but for a linear term the cost along the gate is F = ln(u₁ exp(J₁z)+u₂ exp(J₂z)+u₃ exp(J₃z)). With the gate's place put into the weights, (d²F/dz²)[z = 0] = Var J, the variance of the slopes under the softmax, which is also the Gauss–Newton curvature of the logits, and the mean squared slope of the cost for labels drawn from the softmax; and (d³F/dz³)[z = 0] = κ₃, their third central moment. The third central moment of a variable in an interval of length D is at most D³/(6√3) in size. With D the largest slope less the least, and the first and second derivative g and h at either end ξ of the gate, g+(1/2−ξ)h misses the difference Δ of the cost between the ends by at most constant·D³, with constant = 1/(36√3); no smaller one will do: with two classes and p = 1/2−√3/6, remainder = ln(1−p+p exp(D))−pD−p(1−p)·D²/2 is constant·D³ to the third order in D.

; below the chord
(set-logic QF_NRA)
(declare-const |x| Real)
(declare-const |μ| Real)
(assert (>= |x| 0.0))
(assert (<= (+ (- 1.0) |x|) 0.0))
(assert (>= |μ| 0.0))
(assert (<= (+ (- 1.0) |μ|) 0.0))
(assert (<= (+ (- 1.0) (* 3.0 |μ|)) 0.0))
(assert (>= |x| 0.0))
(assert (>= |μ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (* |x| |x| |x|) (* (- 1.0) |x|) (* (- 3.0) |μ| (* |x| |x|)) (* 3.0 |x| |μ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; below the tangent
(set-logic QF_NRA)
(declare-const |x| Real)
(declare-const |μ| Real)
(assert (>= |x| 0.0))
(assert (<= (+ (- 1.0) |x|) 0.0))
(assert (>= |μ| 0.0))
(assert (<= (+ (- 1.0) |μ|) 0.0))
(assert (>= (+ (- 1.0) (* 3.0 |μ|)) 0.0))
(assert (>= |x| 0.0))
(assert (>= |μ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (- 1.0) (* (- 9.0) (* |μ| |μ|)) (* (- 3.0) |x|) (* 4.0 (* |x| |x| |x|)) (* 6.0 |μ|) (* (- 12.0) |μ| (* |x| |x|)) (* 6.0 |x| |μ|) (* 9.0 |x| (* |μ| |μ|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; most of the chord
(set-logic QF_NRA)
(declare-const |sqrt(3)| Real)
(declare-const |μ| Real)
(assert (>= |μ| 0.0))
(assert (<= (+ (- 1.0) |μ|) 0.0))
(assert (>= |μ| 0.0))
(assert (>= |sqrt(3)| 0.0))
(assert (= (+ (- 3.0) (* |sqrt(3)| |sqrt(3)|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (* (- 1.0) |sqrt(3)|) (* (- 54.0) (* |μ| |μ|)) (* 18.0 |μ|) (* 36.0 (* |μ| |μ| |μ|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; most of the tangent
(set-logic QF_NRA)
(declare-const |sqrt(3)| Real)
(declare-const |μ| Real)
(assert (>= |μ| 0.0))
(assert (<= (+ (- 1.0) |μ|) 0.0))
(assert (>= (+ (- 1.0) (* 3.0 |μ|)) 0.0))
(assert (>= |μ| 0.0))
(assert (>= |sqrt(3)| 0.0))
(assert (= (+ (- 3.0) (* |sqrt(3)| |sqrt(3)|)) 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ 9.0 (* (- 27.0) |μ|) (* (- 9.0) (* |μ| |μ| |μ|)) (* (- 2.0) |sqrt(3)|) (* 27.0 (* |μ| |μ|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; missed by the third
(set-logic QF_NRA)
(declare-const |a2| Real)
(declare-const |a3| Real)
(declare-const |ξ| Real)
(assert (>= |ξ| 0.0))
(assert (<= (+ (- 1.0) |ξ|) 0.0))
(assert (or (= |ξ| 0.0) (= (+ (- 1.0) |ξ|) 0.0)))
(assert (>= |ξ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (+ (* |a3| |ξ|) (* (- 1.0) |a3| (* |ξ| |ξ|))) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
