"""Every module that has a table, so that the metadata is whole wherever it is needed."""

import mediation.agreements.agreement
import mediation.agreements.outcome
import mediation.agreements.signature
import mediation.cases.case
import mediation.cases.consent
import mediation.cases.invitation
import mediation.cases.party
import mediation.documents.file
import mediation.documents.upload
import mediation.hearings.attendance
import mediation.hearings.connection
import mediation.hearings.hearing
import mediation.hearings.kit
import mediation.hearings.line
import mediation.hearings.tape
import mediation.hearings.tracks
import mediation.jobs
import mediation.people.code
import mediation.people.person
import mediation.people.signin
import mediation.record.entry
import mediation.record.export
import mediation.record.findable
import mediation.record.walled
import mediation.rooms.channel
import mediation.rooms.concern
import mediation.rooms.guest
import mediation.rooms.mention
import mediation.rooms.notice
import mediation.rooms.played
import mediation.rooms.receipt
import mediation.rooms.reliance
import mediation.rooms.room  # noqa: F401
