//! How a leg moves on: from what was seen to what is concluded.

use std::collections::VecDeque;

use super::arrival::Arrival;
use super::examination::{Examination, Examined};
use super::judge::{Case, Decision, Then, decide};
use super::record::Finding;
use super::search::Sight;
use super::{Leg, Progress, Remains, World, words};
use crate::domain::lag::is_late;
use crate::domain::name::VersionId;
use crate::domain::object::{ObjectSeen, Trouble};
use crate::domain::observation::Note;
use crate::domain::report::{Lag, Stage};
use crate::domain::time::{Moment, Monotonic};

impl Leg {
    /// Draws the conclusions from all that is known now.
    pub(crate) fn review(&mut self, world: World<'_>, now: Moment, notes: &mut VecDeque<Note>) {
        match &mut self.progress {
            Progress::Seeking(_) => self.review_search(world, now, notes),
            Progress::Examining(examination) => {
                let examined = examination.compare_owner(world);
                self.examined(world, now, examined, notes);
            }
            Progress::Arrived(arrival) => {
                arrival.compare_owner(world, now.mono);
                if arrival.is_ready(world) {
                    self.judge_arrival(world, now, notes);
                }
            }
            Progress::Waiting | Progress::Ended(_) => {}
        }
    }

    pub(super) fn sighted(&mut self, world: World<'_>, now: Moment, sight: Sight) {
        match sight {
            Sight::Replica { seen, last_miss } => {
                let lag = world.held.write.lag(last_miss, now);
                self.arrived(world, now, world.held.version.clone(), seen, Some(lag));
            }
            Sight::Refused(trouble) => self.examine(now.mono, Some(trouble)),
            Sight::Nothing => {}
        }
    }

    pub(super) fn examined(&mut self, world: World<'_>, now: Moment, examined: Examined, notes: &mut VecDeque<Note>) {
        let there = || Remains::There(world.held.version.clone());
        match examined {
            Examined::NotYet => {}
            Examined::Absent => {
                if let Progress::Examining(examination) = std::mem::take(&mut self.progress) {
                    self.progress = Progress::Seeking(examination.into_search());
                }
            }
            Examined::OtherVersion(version, seen) => self.arrived(world, now, version, seen, None),
            Examined::ForeignOwner(owner) => {
                self.record.reached(Stage::ReplicaSeen, now.wall);
                self.conclude(world, words::foreign_owner(world, &owner), there(), notes);
            }
            Examined::Unreadable => self.conclude(world, words::unreadable(world), there(), notes),
            Examined::Unlistable(trouble) => {
                self.conclude(world, words::unlistable(world, trouble), Remains::Perhaps, notes);
            }
        }
    }

    fn arrived(&mut self, world: World<'_>, now: Moment, version: VersionId, seen: Box<ObjectSeen>, lag: Option<Lag>) {
        self.record.reached(Stage::ReplicaSeen, now.wall);
        self.progress = Progress::Arrived(Box::new(Arrival::new(world, version, seen, lag, now.mono)));
    }

    fn examine(&mut self, now: Monotonic, refusal: Option<Trouble>) {
        if let Progress::Seeking(search) = std::mem::take(&mut self.progress) {
            self.progress = Progress::Examining(Box::new(Examination::new(search, refusal, now)));
        }
    }

    fn review_search(&mut self, world: World<'_>, now: Moment, notes: &mut VecDeque<Note>) {
        let Progress::Seeking(search) = &mut self.progress else { return };
        let objective = world.route.canary.objective;
        let case = Case { is_judged: self.record.is_judged(), stands_in: self.stands_in };
        match decide(search, case, world) {
            Decision::Wait => {
                if !case.is_judged && search.newly_proves_beyond(world.held, objective) {
                    notes.push_back(Note::BeyondObjective { destination: world.place });
                }
            }
            Decision::Examine => self.examine(now.mono, None),
            Decision::StoodIn(seen) => {
                let lag = world.held.write.lag(search.miss().map(|miss| miss.sent), seen);
                self.record.reached(Stage::ReplicaSeen, seen.wall);
                let finding = words::stood_in(world, lag, is_late(lag, objective));
                self.conclude(world, finding, Remains::There(world.held.version.clone()), notes);
            }
            Decision::Judge(verdict, reason, then) => {
                let finding = words::not_arrived(world, verdict, reason);
                match then {
                    Then::Follow => self.tell(world, finding, notes),
                    Then::End(remains) => self.conclude(world, finding, remains, notes),
                }
            }
            Decision::End(remains) => {
                self.progress = Progress::Ended(remains);
                self.record.close(notes);
            }
        }
    }

    fn judge_arrival(&mut self, world: World<'_>, now: Moment, notes: &mut VecDeque<Note>) {
        let Progress::Arrived(arrival) = &self.progress else { return };
        let finding = arrival.finding(world);
        let version = arrival.version().clone();
        if finding.verdict.is_arrival() {
            self.record.reached(Stage::Verified, now.wall);
        }
        self.conclude(world, finding, Remains::There(version), notes);
    }

    /// Tells how the leg ended, and closes it. A leg that was judged before keeps its verdict.
    fn conclude(&mut self, world: World<'_>, finding: Finding, remains: Remains, notes: &mut VecDeque<Note>) {
        if self.record.is_judged() {
            if matches!(remains, Remains::There(_)) {
                self.record.arrived_late(&world.held.stages, finding, notes);
            }
        } else {
            self.tell(world, finding, notes);
        }
        self.progress = Progress::Ended(remains);
        self.record.close(notes);
    }

    pub(super) fn tell(&mut self, world: World<'_>, finding: Finding, notes: &mut VecDeque<Note>) {
        self.record.judge(world.canary, Some(world.held), finding, notes);
    }
}
