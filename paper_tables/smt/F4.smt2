; Claim F4: With a ≠ 0, the open gate at w₁ = sa/(s+λ) has a lower objective J = s(θ(a−w)²+(1−θ)a²)/2+λw²/2+cθ than the gate that is off, up to the price c_g = a²s²/(2(s+λ)): J[w = w₁, θ = 1] < J[w = 0, θ = 0] if and only if c < c_g. For c* = a²s²(s+2λ)/(2(s+λ)²), c_g < c* < 2c_g, and no tighter bounds hold: lim(c*/c_g; λ → 0) = 1, lim(c*/c_g; λ → ∞) = 2. Between the two prices it is metastable.

; better
(set-logic QF_NRA)
(declare-const |a| Real)
(declare-const |c| Real)
(declare-const |s| Real)
(declare-const |λ| Real)
(assert (> |s| 0.0))
(assert (> |λ| 0.0))
(assert (> |c| 0.0))
(assert (distinct |a| 0.0))
(assert (> |c| 0.0))
(assert (> |s| 0.0))
(assert (> |λ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (< (+ (* (- 1.0) (* |a| |a|) (* |s| |s|)) (* 2.0 |c| |s|) (* 2.0 |c| |λ|)) 0.0) (< (+ (* (- 1.0) (* |a| |a|) (* |s| |s| |s|)) (* 2.0 |c| (* |s| |s|)) (* 2.0 |c| (* |λ| |λ|)) (* (- 1.0) |λ| (* |a| |a|) (* |s| |s|)) (* 4.0 |c| |s| |λ|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; bounds
(set-logic QF_NRA)
(declare-const |a| Real)
(declare-const |s| Real)
(declare-const |λ| Real)
(assert (> |s| 0.0))
(assert (> |λ| 0.0))
(assert (distinct |a| 0.0))
(assert (> |s| 0.0))
(assert (> |λ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< (* (- 1.0) |λ| (* |a| |a|) (* |s| |s|)) 0.0) (< (* (- 1.0) (* |a| |a|) (* |s| |s| |s|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
