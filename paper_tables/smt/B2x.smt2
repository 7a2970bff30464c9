; Claim B2x: It is false without ‘depends on no other’ that the kept sets are nested, and that a price finds every budget to within one unit. Substitutes: one unit saves a, two others save b together and nothing apart, and all three save b; all are of one size. At a price p, p < b−a, the two are best: b−2p > max{0, a−p, −p, a−2p, b−3p}; at a price q with q > b−a and q < a the one: a−q > max{0, b−2q, −q, a−2q, b−3q}. So it stays at the higher price, and not at the lower. Complements: n gates save Λ together and nothing if one is closed; with k of them open, k > 0, the objective part is above that of all or of none, part > min{0, np−Λ}, at every price, so no price keeps k units.

; two
(set-logic QF_NRA)
(declare-const |Max(0, a - p, b - 3*p)| Real)
(declare-const |a| Real)
(declare-const |b| Real)
(declare-const |p| Real)
(declare-const |q| Real)
(assert (> |p| 0.0))
(assert (< (+ |a| |p| (* (- 1.0) |b|)) 0.0))
(assert (> (+ |a| |q| (* (- 1.0) |b|)) 0.0))
(assert (< (+ |q| (* (- 1.0) |a|)) 0.0))
(assert (> |p| 0.0))
(assert (>= |Max(0, a - p, b - 3*p)| 0.0))
(assert (>= (+ |Max(0, a - p, b - 3*p)| |p| (* (- 1.0) |a|)) 0.0))
(assert (>= (+ |Max(0, a - p, b - 3*p)| (* (- 1.0) |b|) (* 3.0 |p|)) 0.0))
(assert (or (= |Max(0, a - p, b - 3*p)| 0.0) (= (+ |Max(0, a - p, b - 3*p)| |p| (* (- 1.0) |a|)) 0.0) (= (+ |Max(0, a - p, b - 3*p)| (* (- 1.0) |b|) (* 3.0 |p|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |b| (* (- 1.0) |Max(0, a - p, b - 3*p)|) (* (- 2.0) |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; one
(set-logic QF_NRA)
(declare-const |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| Real)
(declare-const |a| Real)
(declare-const |b| Real)
(declare-const |p| Real)
(declare-const |q| Real)
(assert (> |p| 0.0))
(assert (< (+ |a| |p| (* (- 1.0) |b|)) 0.0))
(assert (> (+ |a| |q| (* (- 1.0) |b|)) 0.0))
(assert (< (+ |q| (* (- 1.0) |a|)) 0.0))
(assert (> |p| 0.0))
(assert (>= |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| 0.0))
(assert (>= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| |q|) 0.0))
(assert (>= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| (* (- 1.0) |a|) (* 2.0 |q|)) 0.0))
(assert (>= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| (* (- 1.0) |b|) (* 3.0 |q|)) 0.0))
(assert (>= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| (* (- 1.0) |b|) (* 2.0 |q|)) 0.0))
(assert (or (= |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| 0.0) (= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| |q|) 0.0) (= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| (* (- 1.0) |a|) (* 2.0 |q|)) 0.0) (= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| (* (- 1.0) |b|) (* 3.0 |q|)) 0.0) (= (+ |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)| (* (- 1.0) |b|) (* 2.0 |q|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ |a| (* (- 1.0) |Max(0, -q, a - 2*q, b - 3*q, b - 2*q)|) (* (- 1.0) |q|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; none or all
(set-logic QF_NRA)
(declare-const |Min(0, n*p - Λ)| Real)
(declare-const |k| Real)
(declare-const |n| Real)
(declare-const |p| Real)
(declare-const |Λ| Real)
(assert (> |p| 0.0))
(assert (> |k| 0.0))
(assert (> |p| 0.0))
(assert (<= |Min(0, n*p - Λ)| 0.0))
(assert (<= (+ |Min(0, n*p - Λ)| |Λ| (* (- 1.0) |n| |p|)) 0.0))
(assert (or (= |Min(0, n*p - Λ)| 0.0) (= (+ |Min(0, n*p - Λ)| |Λ| (* (- 1.0) |n| |p|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ (* (- 1.0) |Min(0, n*p - Λ)|) (* |k| |p|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
