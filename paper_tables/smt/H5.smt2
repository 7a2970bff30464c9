; Claim H5: A gate whose unit is worth v = ln E nats, at a price of c = ln γ nats, comes to rest where the slope of its prior's profile is that worth, or at an end. Under the fixed prior of that price the slope is ln(θ/(1−θ))+c, with ds/dθ ≥ 4: the rest is θ* = E/(E+γ), as s[θ = θ*] = v, and ε < θ* and θ* < 1−ε if and only if |v−c| < w, with w = ln((1−ε)/ε); for a margin of one in a hundred, w[ε = 1/100] = ln 99. So a unit worth nothing is not closed at a price below that width. Under the Beta prior of that price the slope is ln((γ−θ)/(1−θ)), with ds/dθ > 0: if γ < E, the rest is θ* = (E−γ)/(E−1), inside the margins if and only if E is between (γ−ε)/(1−ε) and (γ−1+ε)/ε; otherwise it is zero, and the logarithms of these two are less than w apart, those of the fixed prior's twice that. Under the flattening prior the slope is c everywhere, so that a gate rests at an end unless worth and price are equal. With N samples worth and price are N times those for each sample, and the margin's width is not: |Nv̂−Nĉ| < w if and only if |v̂−ĉ| < w/N.

; fixed rises
(set-logic QF_NRA)
(declare-const |θ| Real)
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (>= (* |θ| (+ 1.0 (* (- 1.0) |θ|)) (+ 1.0 (* (- 4.0) |θ| (+ 1.0 (* (- 1.0) |θ|))))) 0.0) (distinct (* |θ| (+ 1.0 (* (- 1.0) |θ|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; by odds
(set-logic QF_NRA)
(declare-const |E| Real)
(declare-const |log(E*(1 - ε)/(γ*ε))| Real)
(declare-const |log(γ*(1 - ε)/(E*ε))| Real)
(declare-const |γ| Real)
(declare-const |ε| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |E| 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (> |E| 0.0))
(assert (> |γ| 0.0))
(assert (> |ε| 0.0))
(assert (or (<= (+ |γ| (* (- 1.0) |γ| |ε|)) 0.0) (and (=> (= (+ |γ| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (= |log(γ*(1 - ε)/(E*ε))| 0.0)) (=> (> (+ |γ| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (> |log(γ*(1 - ε)/(E*ε))| 0.0)) (=> (< (+ |γ| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (< |log(γ*(1 - ε)/(E*ε))| 0.0)) (or (= (+ |γ| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (and (< (+ (* (- 1.0) |γ|) (* |E| |ε|) (* |γ| |ε|) (* |log(γ*(1 - ε)/(E*ε))| |E| |ε|)) 0.0) (> (+ (* (- 1.0) |γ|) (* |log(γ*(1 - ε)/(E*ε))| |γ|) (* |E| |ε|) (* |γ| |ε|) (* (- 1.0) |log(γ*(1 - ε)/(E*ε))| |γ| |ε|)) 0.0))))))
(assert (or (<= (+ |E| (* (- 1.0) |E| |ε|)) 0.0) (and (=> (= (+ |E| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (= |log(E*(1 - ε)/(γ*ε))| 0.0)) (=> (> (+ |E| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (> |log(E*(1 - ε)/(γ*ε))| 0.0)) (=> (< (+ |E| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (< |log(E*(1 - ε)/(γ*ε))| 0.0)) (or (= (+ |E| (* (- 1.0) |E| |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (and (< (+ (* (- 1.0) |E|) (* |E| |ε|) (* |γ| |ε|) (* |log(E*(1 - ε)/(γ*ε))| |γ| |ε|)) 0.0) (> (+ (* (- 1.0) |E|) (* |log(E*(1 - ε)/(γ*ε))| |E|) (* |E| |ε|) (* |γ| |ε|) (* (- 1.0) |log(E*(1 - ε)/(γ*ε))| |E| |ε|)) 0.0))))))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (and (< (+ (* (- 1.0) |E|) (* |E| |ε|) (* |γ| |ε|)) 0.0) (< (+ (* (- 1.0) |γ|) (* |E| |ε|) (* |γ| |ε|)) 0.0)) (and (and (> |log(γ*(1 - ε)/(E*ε))| 0.0) (> (+ |γ| (* (- 1.0) |γ| |ε|)) 0.0)) (and (> |log(E*(1 - ε)/(γ*ε))| 0.0) (> (+ |E| (* (- 1.0) |E| |ε|)) 0.0))))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; both signs
(set-logic QF_NRA)
(declare-const |Abs(log(E) - log(γ))| Real)
(declare-const |E| Real)
(declare-const |log((1 - ε)/ε)| Real)
(declare-const |log(E)| Real)
(declare-const |log(γ)| Real)
(declare-const |γ| Real)
(declare-const |ε| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |E| 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (> |E| 0.0))
(assert (> |γ| 0.0))
(assert (> |ε| 0.0))
(assert (or (<= (+ 1.0 (* (- 1.0) |ε|)) 0.0) (and (=> (= (+ 1.0 (* (- 2.0) |ε|)) 0.0) (= |log((1 - ε)/ε)| 0.0)) (=> (> (+ 1.0 (* (- 2.0) |ε|)) 0.0) (> |log((1 - ε)/ε)| 0.0)) (=> (< (+ 1.0 (* (- 2.0) |ε|)) 0.0) (< |log((1 - ε)/ε)| 0.0)) (or (= (+ 1.0 (* (- 2.0) |ε|)) 0.0) (and (< (+ (- 1.0) (* 2.0 |ε|) (* |log((1 - ε)/ε)| |ε|)) 0.0) (> (+ (- 1.0) |log((1 - ε)/ε)| (* 2.0 |ε|) (* (- 1.0) |log((1 - ε)/ε)| |ε|)) 0.0))))))
(assert (and (=> (= (+ (- 1.0) |γ|) 0.0) (= |log(γ)| 0.0)) (=> (> (+ (- 1.0) |γ|) 0.0) (> |log(γ)| 0.0)) (=> (< (+ (- 1.0) |γ|) 0.0) (< |log(γ)| 0.0)) (or (= (+ (- 1.0) |γ|) 0.0) (and (< (+ 1.0 |log(γ)| (* (- 1.0) |γ|)) 0.0) (> (+ 1.0 (* (- 1.0) |γ|) (* |log(γ)| |γ|)) 0.0)))))
(assert (and (=> (= (+ (- 1.0) |E|) 0.0) (= |log(E)| 0.0)) (=> (> (+ (- 1.0) |E|) 0.0) (> |log(E)| 0.0)) (=> (< (+ (- 1.0) |E|) 0.0) (< |log(E)| 0.0)) (or (= (+ (- 1.0) |E|) 0.0) (and (< (+ 1.0 |log(E)| (* (- 1.0) |E|)) 0.0) (> (+ 1.0 (* (- 1.0) |E|) (* |log(E)| |E|)) 0.0)))))
(assert (>= (+ |Abs(log(E) - log(γ))| |log(γ)| (* (- 1.0) |log(E)|)) 0.0))
(assert (>= (+ |Abs(log(E) - log(γ))| |log(E)| (* (- 1.0) |log(γ)|)) 0.0))
(assert (or (= (+ |Abs(log(E) - log(γ))| |log(E)| (* (- 1.0) |log(γ)|)) 0.0) (= (+ |Abs(log(E) - log(γ))| |log(γ)| (* (- 1.0) |log(E)|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (and (< (+ |Abs(log(E) - log(γ))| (* (- 1.0) |log((1 - ε)/ε)|)) 0.0) (> (+ 1.0 (* (- 1.0) |ε|)) 0.0)) (and (and (> (+ |log((1 - ε)/ε)| |log(γ)| (* (- 1.0) |log(E)|)) 0.0) (> (+ 1.0 (* (- 1.0) |ε|)) 0.0)) (and (> (+ |log((1 - ε)/ε)| |log(E)| (* (- 1.0) |log(γ)|)) 0.0) (> (+ 1.0 (* (- 1.0) |ε|)) 0.0))))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no worth
(set-logic QF_NRA)
(declare-const |γ| Real)
(declare-const |ε| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (< (+ (- 1.0) |ε| (* |γ| |ε|)) 0.0))
(assert (> |γ| 0.0))
(assert (> |ε| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< (+ (- 1.0) |ε| (* |γ| |ε|)) 0.0) (< (+ |ε| (* (- 1.0) |γ|) (* |γ| |ε|)) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; price below
(set-logic QF_NRA)
(declare-const |log((1 - ε)/(γ*ε))| Real)
(declare-const |γ| Real)
(declare-const |ε| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (> |γ| 0.0))
(assert (> |ε| 0.0))
(assert (or (<= (+ 1.0 (* (- 1.0) |ε|)) 0.0) (and (=> (= (+ 1.0 (* (- 1.0) |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (= |log((1 - ε)/(γ*ε))| 0.0)) (=> (> (+ 1.0 (* (- 1.0) |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (> |log((1 - ε)/(γ*ε))| 0.0)) (=> (< (+ 1.0 (* (- 1.0) |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (< |log((1 - ε)/(γ*ε))| 0.0)) (or (= (+ 1.0 (* (- 1.0) |ε|) (* (- 1.0) |γ| |ε|)) 0.0) (and (< (+ (- 1.0) |ε| (* |γ| |ε|) (* |log((1 - ε)/(γ*ε))| |γ| |ε|)) 0.0) (> (+ (- 1.0) |log((1 - ε)/(γ*ε))| |ε| (* |γ| |ε|) (* (- 1.0) |log((1 - ε)/(γ*ε))| |ε|)) 0.0))))))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (< (+ (- 1.0) |ε| (* |γ| |ε|)) 0.0) (and (> |log((1 - ε)/(γ*ε))| 0.0) (> (+ 1.0 (* (- 1.0) |ε|)) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; beta rises
(set-logic QF_NRA)
(declare-const |γ| Real)
(declare-const |θ| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (> |γ| 0.0))
(assert (> |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> (* (+ 1.0 (* (- 1.0) |θ|)) (+ (- 1.0) |γ|) (+ |γ| (* (- 1.0) |θ|))) 0.0) (distinct (* (+ 1.0 (* (- 1.0) |θ|)) (+ |γ| (* (- 1.0) |θ|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; beta inside
(set-logic QF_NRA)
(declare-const |E| Real)
(declare-const |γ| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |E| 0.0))
(assert (< (+ |γ| (* (- 1.0) |E|)) 0.0))
(assert (> |E| 0.0))
(assert (> |γ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (and (< (* (+ (- 1.0) |E|) (+ |γ| (* (- 1.0) |E|))) 0.0) (distinct (+ (- 1.0) |E|) 0.0)) (and (< (* (+ 1.0 (* (- 1.0) |γ|)) (+ (- 1.0) |E|)) 0.0) (distinct (+ (- 1.0) |E|) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; beta window
(set-logic QF_NRA)
(declare-const |E| Real)
(declare-const |γ| Real)
(declare-const |ε| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |E| 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (< (+ |γ| (* (- 1.0) |E|)) 0.0))
(assert (> |E| 0.0))
(assert (> |γ| 0.0))
(assert (> |ε| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (and (< (+ 1.0 (* (- 1.0) |γ|) (* (- 1.0) |ε|) (* |E| |ε|)) 0.0) (and (< (* (+ 1.0 (* (- 1.0) |ε|)) (+ |γ| (* (- 1.0) |ε|) (* (- 1.0) |E| (+ 1.0 (* (- 1.0) |ε|))))) 0.0) (distinct (+ 1.0 (* (- 1.0) |ε|)) 0.0))) (and (and (< (* (+ (- 1.0) |E|) (+ |γ| (* (- 1.0) |E|) (* |ε| (+ (- 1.0) |E|)))) 0.0) (distinct (+ (- 1.0) |E|) 0.0)) (and (< (* (+ (- 1.0) |E|) (+ 1.0 (* (- 1.0) |γ|) (* |ε| (+ (- 1.0) |E|)))) 0.0) (distinct (+ (- 1.0) |E|) 0.0))))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; beta closed
(set-logic QF_NRA)
(declare-const |E| Real)
(declare-const |log((γ - θ)/(E*(1 - θ)))| Real)
(declare-const |γ| Real)
(declare-const |θ| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |E| 0.0))
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (<= (+ |E| (* (- 1.0) |γ|)) 0.0))
(assert (> |E| 0.0))
(assert (> |γ| 0.0))
(assert (> |θ| 0.0))
(assert (or (and (<= (* |E| (+ 1.0 (* (- 1.0) |θ|)) (+ |γ| (* (- 1.0) |θ|))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)) (and (=> (and (= (+ |γ| (* (- 1.0) |θ|) (* (- 1.0) |E| (+ 1.0 (* (- 1.0) |θ|)))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)) (= |log((γ - θ)/(E*(1 - θ)))| 0.0)) (=> (and (> (* |E| (+ 1.0 (* (- 1.0) |θ|)) (+ |γ| (* (- 1.0) |θ|) (* (- 1.0) |E| (+ 1.0 (* (- 1.0) |θ|))))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)) (> |log((γ - θ)/(E*(1 - θ)))| 0.0)) (=> (and (< (* |E| (+ 1.0 (* (- 1.0) |θ|)) (+ |γ| (* (- 1.0) |θ|) (* (- 1.0) |E| (+ 1.0 (* (- 1.0) |θ|))))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)) (< |log((γ - θ)/(E*(1 - θ)))| 0.0)) (or (and (= (+ |γ| (* (- 1.0) |θ|) (* (- 1.0) |E| (+ 1.0 (* (- 1.0) |θ|)))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)) (and (and (< (* |E| (+ 1.0 (* (- 1.0) |θ|)) (+ |θ| (* (- 1.0) |γ|) (* |E| (+ 1.0 (* (- 1.0) |θ|))) (* |log((γ - θ)/(E*(1 - θ)))| |E| (+ 1.0 (* (- 1.0) |θ|))))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)) (and (> (* |E| (+ 1.0 (* (- 1.0) |θ|)) (+ |θ| (* (- 1.0) |γ|) (* |log((γ - θ)/(E*(1 - θ)))| (+ |γ| (* (- 1.0) |θ|))) (* |E| (+ 1.0 (* (- 1.0) |θ|))))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)))))))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (> |log((γ - θ)/(E*(1 - θ)))| 0.0) (and (> (* |E| (+ 1.0 (* (- 1.0) |θ|)) (+ |γ| (* (- 1.0) |θ|))) 0.0) (distinct (* |E| (+ 1.0 (* (- 1.0) |θ|))) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; narrower
(set-logic QF_NRA)
(declare-const |γ| Real)
(declare-const |ε| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (> |γ| 0.0))
(assert (> |ε| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (and (< (* |ε| (+ 1.0 (* (- 1.0) |ε|)) (+ (- 1.0) (* 2.0 |ε|)) (+ |γ| (* (- 1.0) |ε|))) 0.0) (distinct (* |ε| (+ |γ| (* (- 1.0) |ε|))) 0.0))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; ends
(set-logic QF_NRA)
(declare-const |E| Real)
(declare-const |Min(0, -log(E) + log(γ))| Real)
(declare-const |log(E)| Real)
(declare-const |log(γ)| Real)
(declare-const |γ| Real)
(declare-const |θ| Real)
(assert (> (+ (- 1.0) |γ|) 0.0))
(assert (> |E| 0.0))
(assert (> |θ| 0.0))
(assert (< (+ (- 1.0) |θ|) 0.0))
(assert (distinct (+ |log(E)| (* (- 1.0) |log(γ)|)) 0.0))
(assert (> |E| 0.0))
(assert (> |γ| 0.0))
(assert (> |θ| 0.0))
(assert (and (=> (= (+ (- 1.0) |E|) 0.0) (= |log(E)| 0.0)) (=> (> (+ (- 1.0) |E|) 0.0) (> |log(E)| 0.0)) (=> (< (+ (- 1.0) |E|) 0.0) (< |log(E)| 0.0)) (or (= (+ (- 1.0) |E|) 0.0) (and (< (+ 1.0 |log(E)| (* (- 1.0) |E|)) 0.0) (> (+ 1.0 (* (- 1.0) |E|) (* |log(E)| |E|)) 0.0)))))
(assert (and (=> (= (+ (- 1.0) |γ|) 0.0) (= |log(γ)| 0.0)) (=> (> (+ (- 1.0) |γ|) 0.0) (> |log(γ)| 0.0)) (=> (< (+ (- 1.0) |γ|) 0.0) (< |log(γ)| 0.0)) (or (= (+ (- 1.0) |γ|) 0.0) (and (< (+ 1.0 |log(γ)| (* (- 1.0) |γ|)) 0.0) (> (+ 1.0 (* (- 1.0) |γ|) (* |log(γ)| |γ|)) 0.0)))))
(assert (<= |Min(0, -log(E) + log(γ))| 0.0))
(assert (<= (+ |Min(0, -log(E) + log(γ))| |log(E)| (* (- 1.0) |log(γ)|)) 0.0))
(assert (or (= |Min(0, -log(E) + log(γ))| 0.0) (= (+ |Min(0, -log(E) + log(γ))| |log(E)| (* (- 1.0) |log(γ)|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (> (+ (* (- 1.0) |Min(0, -log(E) + log(γ))|) (* |log(γ)| |θ|) (* (- 1.0) |log(E)| |θ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; scale
(set-logic QF_NRA)
(declare-const |Abs(N*v̂ - N*ĉ)| Real)
(declare-const |Abs(v̂ - ĉ)| Real)
(declare-const |N| Real)
(declare-const |log((1 - ε)/ε)| Real)
(declare-const |v̂| Real)
(declare-const |ĉ| Real)
(declare-const |ε| Real)
(assert (> |N| 0.0))
(assert (> |ε| 0.0))
(assert (< (+ (- 1.0) (* 2.0 |ε|)) 0.0))
(assert (> |N| 0.0))
(assert (> |ε| 0.0))
(assert (or (<= (+ 1.0 (* (- 1.0) |ε|)) 0.0) (and (=> (= (+ 1.0 (* (- 2.0) |ε|)) 0.0) (= |log((1 - ε)/ε)| 0.0)) (=> (> (+ 1.0 (* (- 2.0) |ε|)) 0.0) (> |log((1 - ε)/ε)| 0.0)) (=> (< (+ 1.0 (* (- 2.0) |ε|)) 0.0) (< |log((1 - ε)/ε)| 0.0)) (or (= (+ 1.0 (* (- 2.0) |ε|)) 0.0) (and (< (+ (- 1.0) (* 2.0 |ε|) (* |log((1 - ε)/ε)| |ε|)) 0.0) (> (+ (- 1.0) |log((1 - ε)/ε)| (* 2.0 |ε|) (* (- 1.0) |log((1 - ε)/ε)| |ε|)) 0.0))))))
(assert (>= (+ |Abs(N*v̂ - N*ĉ)| (* |ĉ| |N|) (* (- 1.0) |v̂| |N|)) 0.0))
(assert (>= (+ |Abs(N*v̂ - N*ĉ)| (* |v̂| |N|) (* (- 1.0) |ĉ| |N|)) 0.0))
(assert (or (= (+ |Abs(N*v̂ - N*ĉ)| (* |v̂| |N|) (* (- 1.0) |ĉ| |N|)) 0.0) (= (+ |Abs(N*v̂ - N*ĉ)| (* |ĉ| |N|) (* (- 1.0) |v̂| |N|)) 0.0)))
(assert (>= (+ |Abs(v̂ - ĉ)| |ĉ| (* (- 1.0) |v̂|)) 0.0))
(assert (>= (+ |Abs(v̂ - ĉ)| |v̂| (* (- 1.0) |ĉ|)) 0.0))
(assert (or (= (+ |Abs(v̂ - ĉ)| |v̂| (* (- 1.0) |ĉ|)) 0.0) (= (+ |Abs(v̂ - ĉ)| |ĉ| (* (- 1.0) |v̂|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (and (< (+ |Abs(N*v̂ - N*ĉ)| (* (- 1.0) |log((1 - ε)/ε)|)) 0.0) (> (+ 1.0 (* (- 1.0) |ε|)) 0.0)) (and (< (+ (* (- 1.0) |log((1 - ε)/ε)|) (* |Abs(v̂ - ĉ)| |N|)) 0.0) (> (+ 1.0 (* (- 1.0) |ε|)) 0.0)))))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
