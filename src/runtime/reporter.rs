//! Where what happens leaves the runtime: observations for everybody, and notes for the prober that schedules.

use tokio::sync::mpsc;

use crate::domain::name::{ObjectKey, VersionId};
use crate::domain::observation::{CanaryObservation, Note, Observation, Side};
use crate::domain::route::RouteId;
use crate::domain::time::{Moment, UnixMillis};

/// Sends observations on; a closed channel means that nobody listens any more, and is no error.
#[derive(Debug, Clone)]
pub struct Reporter {
    observations: mpsc::Sender<Observation>,
    notes: Option<mpsc::Sender<ProbeNote>>,
}

/// A note that the schedule of a route lives on.
#[derive(Debug)]
pub struct ProbeNote {
    /// The route.
    pub route: RouteId,
    /// The canary.
    pub key: ObjectKey,
    /// What was noted.
    pub note: Note,
    /// When.
    pub at: Moment,
}

impl Reporter {
    /// Reports to an observer only.
    #[must_use]
    pub fn new(observations: mpsc::Sender<Observation>) -> Self {
        Self { observations, notes: None }
    }

    /// Reports to a scheduler as well.
    #[must_use]
    pub fn with_scheduler(self, notes: mpsc::Sender<ProbeNote>) -> Self {
        Self { notes: Some(notes), ..self }
    }

    /// Reports an observation.
    pub async fn observe(&self, observation: Observation) {
        let _closed = self.observations.send(observation).await;
    }

    /// Reports a note of a probe.
    pub async fn note(&self, canary: Subject<'_>, at: Moment, note: Note) {
        if let Some(notes) = &self.notes
            && let Some(for_schedule) = schedule_note(&note)
        {
            let key = canary.key.clone();
            let _closed = notes.send(ProbeNote { route: canary.route, key, note: for_schedule, at }).await;
        }
        let observation =
            CanaryObservation { route: canary.route, key: canary.key.clone(), written_at: canary.written_at, at, note };
        self.observe(Observation::Canary(observation)).await;
    }
}

/// Which canary a note is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The route.
    pub route: RouteId,
    /// The canary's key.
    pub key: &'a ObjectKey,
    /// When its PUT was sent.
    pub written_at: UnixMillis,
}

/// The notes that decide when the next canary may be written, without the reports that some carry.
fn schedule_note(note: &Note) -> Option<Note> {
    match note {
        Note::Written { version_id } => Some(Note::Written { version_id: VersionId::clone(version_id) }),
        Note::WriteFailed { reason } => Some(Note::WriteFailed { reason: *reason }),
        Note::LegClosed { destination } => Some(Note::LegClosed { destination: *destination }),
        Note::Deleted { side } => Some(Note::Deleted { side: *side }),
        Note::DeleteFailed { side, trouble, refused } => {
            Some(Note::DeleteFailed { side: *side, trouble: *trouble, refused: *refused })
        }
        Note::Leaked { side } => Some(Note::Leaked { side: Side::clone(side) }),
        Note::LeftPending => Some(Note::LeftPending),
        Note::Ended => Some(Note::Ended),
        Note::WriteSent
        | Note::SourceStatus(_)
        | Note::BeyondObjective { .. }
        | Note::Judged(_)
        | Note::ArrivedLate(_)
        | Note::Final(_) => None,
    }
}
