; Claim D1: The objective, the expected cost of independent gates and a price cθ for each, is multilinear. So its minimum over the cube is at a vertex, and every strict local minimiser is a vertex. A local minimiser with a fractional set of gates makes the objective constant on the face that frees the set, and then c is one of the marginal values C(ξᵢ=0)−C(ξᵢ=1) of a gate, the others being on or off, of which there are at most n·2ⁿ⁻¹ for n gates; for every other price each local minimiser is a strict vertex.

; no lower than both ends
(set-logic QF_NRA)
(declare-const |Min(off, c + on)| Real)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(declare-const |θ| Real)
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ |Min(off, c + on)| (* (- 1.0) |off|)) 0.0))
(assert (<= (+ |Min(off, c + on)| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0))
(assert (or (= (+ |Min(off, c + on)| (* (- 1.0) |off|)) 0.0) (= (+ |Min(off, c + on)| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0)))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |off| (* (- 1.0) |Min(off, c + on)|) (* |on| |θ|) (* |θ| |c|) (* (- 1.0) |off| |θ|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no corner is higher
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |h| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(declare-const |θ| Real)
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(assert (<= (+ (- 1.0) |θ|) 0.0))
(assert (>= (+ (* |h| |off|) (* (- 1.0) |h| |on|) (* (- 1.0) |h| |c|)) 0.0))
(assert (> |c| 0.0))
(assert (>= |θ| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ (* |h| |on|) (* |h| |c|) (* (- 1.0) |h| |off|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; level at a tie
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (= (+ |off| (* (- 1.0) |on|) (* (- 1.0) |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (= (+ |on| |c| (* (- 1.0) |off|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no flat edge
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (distinct (+ |on| |c| (* (- 1.0) |off|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (distinct (+ |on| |c| (* (- 1.0) |off|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no descent from off
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |h| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (> |h| 0.0))
(assert (>= (+ (* |h| |on|) (* |h| |c|) (* (- 1.0) |h| |off|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (>= (+ |on| |c| (* (- 1.0) |off|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
(reset)

; no descent from on
(set-logic QF_NRA)
(declare-const |c| Real)
(declare-const |h| Real)
(declare-const |off| Real)
(declare-const |on| Real)
(assert (> |c| 0.0))
(assert (> |h| 0.0))
(assert (>= (+ (* |h| |off|) (* (- 1.0) |h| |on|) (* (- 1.0) |h| |c|)) 0.0))
(assert (> |c| 0.0))
(set-info :status sat)
(check-sat) ; the premises do not contradict
(assert (not (<= (+ |on| |c| (* (- 1.0) |off|)) 0.0)))
(set-info :status unsat)
(check-sat) ; and imply the conclusion
