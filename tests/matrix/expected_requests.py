"""Who may ask the desk for what, with which object: written by hand from the mission's table of rights, never derived from the code.

A row is a request, the object (`room:other` is another case's) and an answer for each role: `ok` or the code of the refusal. `.` is
`not_found`: what is not yours does not exist. The rows are played from top to bottom, each from left to right. Who is signed out, or was
revoked, has no row: the connection is refused.
"""

ROLES = ["str", "cla", "res", "age", "gen", "med", "jud", "cle", "oth", "oml"]
"""As in expected_routes.py."""

WORDS = {".": "not_found", "no": "not_allowed", "state": "wrong_state", "inv": "invalid", "ok": "ok"}

EXPECTED = """
#                                        str   cla   res   age   gen   med   jud   cle   oth   oml

# entering and reading: who is a member of a channel
enter_room        room:other             .     .     .     .     .     .     .     .     ok    ok
enter_room        room:none              .     .     .     .     .     .     .     .     .     .
enter_room        room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
read_entries      record                 .     ok    ok    ok    ok    ok    ok    ok    .     .
read_entries      talks                  .     ok    ok    ok    ok    ok    .     .     .     .
read_entries      private_claimant       .     ok    .     .     ok    ok    .     .     .     .
read_entries      private_respondent     .     .     ok    ok    .     ok    .     .     .     .
read_entries      caucus                 .     .     ok    .     .     ok    .     .     .     .
read_entries      talks:other            .     .     .     .     .     .     .     .     ok    ok
read_entries      caucus:none            .     .     .     .     .     .     .     .     .     .
read_entries      acts                   .     ok    .     .     .     .     .     .     .     .
mark_read         talks                  .     ok    ok    ok    ok    ok    .     .     .     .
mark_read         caucus                 .     .     ok    .     .     ok    .     .     .     .
mark_read         talks:other            .     .     .     .     .     .     .     .     ok    ok
mark_delivered    talks                  .     ok    ok    ok    ok    ok    .     .     .     .
mark_delivered    caucus                 .     .     ok    .     .     ok    .     .     .     .
mark_delivered    talks:other            .     .     .     .     .     .     .     .     ok    ok
read_receipts     talks                  .     ok    ok    ok    ok    ok    .     .     .     .
read_receipts     caucus                 .     .     ok    .     .     ok    .     .     .     .
read_receipts     talks:other            .     .     .     .     .     .     .     .     ok    ok
typing            talks                  .     ok    ok    ok    ok    ok    .     .     .     .
typing            private_claimant       .     ok    .     .     ok    ok    .     .     .     .
typing            talks:other            .     .     .     .     .     .     .     .     ok    ok
mark_played       talks                  .     inv   inv   inv   inv   inv   .     .     .     .
mark_played       private_claimant       .     inv   .     .     inv   inv   .     .     .     .
mark_played       caucus                 .     .     inv   .     .     inv   .     .     .     .
mark_played       talks:other            .     .     .     .     .     .     .     .     inv   inv
read_played       talks                  .     ok    ok    ok    ok    ok    .     .     .     .
read_played       private_respondent     .     .     ok    ok    .     ok    .     .     .     .
read_played       caucus                 .     .     ok    .     .     ok    .     .     .     .
read_played       talks:other            .     .     .     .     .     .     .     .     ok    ok
read_played       caucus:none            .     .     .     .     .     .     .     .     .     .

# speaking: parties and mediator in the talks and behind their walls, the bench in the record
post_message      record                 .     no    no    no    no    ok    ok    ok    .     .
post_message      talks                  .     ok    ok    ok    ok    ok    .     .     .     .
post_message      private_claimant       .     ok    .     .     ok    ok    .     .     .     .
post_message      private_respondent     .     .     ok    ok    .     ok    .     .     .     .
post_message      caucus                 .     .     ok    .     .     ok    .     .     .     .
post_message      talks:other            .     .     .     .     .     .     .     .     ok    ok
post_message      talks:none             .     .     .     .     .     .     .     .     .     .
post_message      acts                   .     .     .     .     .     .     .     .     .     .
recall_message    talks                  .     ok    no    no    no    no    .     .     .     .
recall_message    talks:other            .     .     .     .     .     .     .     .     ok    no

# being called: one's own places; a notice: the bench pins it where it may speak, those on a side acknowledge it
read_mentions     room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
read_mentions     room:other             .     .     .     .     .     .     .     .     ok    ok
search            room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
search            room:other             .     .     .     .     .     .     .     .     ok    ok
search            room:none              .     .     .     .     .     .     .     .     .     .
pin_notice        record                 .     no    no    no    no    ok    ok    ok    .     .
pin_notice        talks                  .     no    no    no    no    ok    .     .     .     .
pin_notice        private_claimant       .     no    .     .     no    ok    .     .     .     .
pin_notice        caucus                 .     .     no    .     .     ok    .     .     .     .
pin_notice        talks:other            .     .     .     .     .     .     .     .     no    ok
read_notices      record                 .     ok    ok    ok    ok    ok    ok    ok    .     .
read_notices      talks                  .     ok    ok    ok    ok    ok    .     .     .     .
read_notices      private_claimant       .     ok    .     .     ok    ok    .     .     .     .
read_notices      caucus                 .     .     ok    .     .     ok    .     .     .     .
read_notices      talks:other            .     .     .     .     .     .     .     .     ok    ok
acknowledge_notice talks+notice          .     ok    ok    ok    ok    no    .     .     .     .
acknowledge_notice record+notice         .     ok    ok    ok    ok    no    no    no    .     .
acknowledge_notice caucus+notice         .     .     ok    .     .     no    .     .     .     .
acknowledge_notice talks:other           .     .     .     .     .     .     .     .     .     no
unpin_notice      talks+notice           .     no    no    no    no    ok    .     .     .     .
unpin_notice      caucus+notice          .     .     no    .     .     ok    .     .     .     .
unpin_notice      talks:other            .     .     .     .     .     .     .     .     no    .

# what was taken back: asked for by who sees it, ordered by the judge, carried out by the clerk, and looked at by who sees the channel
order_unsealing   talks                  .     no    no    no    no    no    .     .     .     .
unseal_message    talks                  .     no    no    no    no    no    .     .     .     .
look_at_message   talks                  .     state state state state state .     .     .     .
ask_unsealing     caucus                 .     .     state .     .     state .     .     .     .
ask_unsealing     private_claimant       .     state .     .     state state .     .     .     .
ask_unsealing     talks                  .     ok    ok    ok    ok    ok    .     .     .     .
ask_unsealing     talks:other            .     .     .     .     .     .     .     .     ok    ok
order_unsealing   caucus                 .     .     no    .     .     no    .     .     .     .
order_unsealing   talks                  .     no    no    no    no    no    ok    no    .     .
order_unsealing   talks:other            .     .     .     .     .     .     .     .     no    no
refuse_unsealing  caucus                 .     .     no    .     .     no    .     .     .     .
refuse_unsealing  talks                  .     no    no    no    no    no    state no    .     .
refuse_unsealing  talks:other            .     .     .     .     .     .     .     .     no    no
unseal_message    caucus                 .     .     no    .     .     no    .     .     .     .
unseal_message    talks                  .     no    no    no    no    no    no    ok    .     .
unseal_message    talks:none             .     .     .     .     .     .     .     .     .     .
look_at_message   talks                  .     ok    ok    ok    ok    ok    .     .     .     .
look_at_message   caucus                 .     .     state .     .     state .     .     .     .
look_at_message   talks:other            .     .     .     .     .     .     .     .     state state

# before the meeting: everybody of the case may wait and have their kit checked
report_check      room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
report_check      room:other             .     .     .     .     .     .     .     .     ok    ok
read_checks       room                   .     no    no    no    no    ok    no    no    .     .
read_checks       room:other             .     .     .     .     .     .     .     .     no    ok
join_stage        room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
join_stage        room:other             .     .     .     .     .     .     .     .     ok    ok
raise_hand        room                   .     state ok    state state ok    state state .     .
lower_hand        room                   .     state .     state state .     state state .     .
admit_person      room                   .     no    no    no    no    state no    no    .     .
remove_person     room                   .     no    no    no    no    state no    no    .     .
ask_to_share      room                   .     state ok    state state ok    state state .     .

# shuttle mode: the mediator keeps the sides apart
part_sides        room                   .     no    no    no    no    ok    no    no    .     .
part_sides        room:other             .     .     .     .     .     .     .     .     no    ok
join_sides        room                   .     no    no    no    no    ok    no    no    .     .
join_sides        room:other             .     .     .     .     .     .     .     .     no    ok

# calls: the mediator's to one side, a side's among itself, the bench's; answered by whoever was called
call_caucus       room                   .     no    no    no    no    ok    no    no    .     .
call_caucus       room:other             .     .     .     .     .     .     .     .     no    ok
call_caucus       room+other             .     no    no    no    no    .     no    no    .     .
call_caucus       room+alone             .     inv   inv   ok    inv   no    no    no    .     .
call_caucus       room+bench             .     no    no    no    no    ok    ok    no    .     .
prepare_caucus    room                   .     no    no    no    no    ok    no    no    .     .
prepare_caucus    room:other             .     .     .     .     .     .     .     .     no    ok
prepare_caucus    room+bench             .     no    no    no    no    ok    ok    no    .     .
begin_caucus      caucus                 .     .     no    .     .     ok    .     .     .     .
begin_caucus      caucus:none            .     .     .     .     .     .     .     .     .     .
call_mediator     room                   .     ok    ok    ok    ok    no    no    no    .     .
call_mediator     room:other             .     .     .     .     .     .     .     .     ok    no
announce_to_caucuses room                .     no    no    no    no    ok    no    no    .     .
announce_to_caucuses room:other          .     .     .     .     .     .     .     .     no    state

# a caucus that is on: its members come and go, its mediator keeps the door and the time
enter_caucus      caucus                 .     .     ok    .     .     ok    .     .     .     .
lock_caucus       caucus                 .     .     no    .     .     ok    .     .     .     .
time_caucus       caucus                 .     .     no    .     .     ok    .     .     .     .
call_again        caucus                 .     .     no    .     .     inv   .     .     .     .
carry_statement   caucus+talks           .     .     no    .     .     no    .     .     .     .
tag_statement     caucus                 .     .     ok    .     .     no    .     .     .     .
carry_statement   caucus+talks:other     .     .     no    .     .     .     .     .     .     .
carry_statement   caucus+talks           .     .     no    .     .     ok    .     .     .     .
tag_statement     caucus:none            .     .     .     .     .     .     .     .     .     .
leave_caucus      caucus                 .     .     ok    .     .     ok    .     .     .     .
enter_caucus      caucus                 .     .     state .     .     ok    .     .     .     .
accept_call       caucus                 .     .     state .     .     ok    .     .     .     .
call_again        caucus                 .     .     no    .     .     ok    .     .     .     .
accept_call       caucus                 .     .     ok    .     .     ok    .     .     .     .
decline_call      caucus                 .     .     ok    .     .     ok    .     .     .     .
enter_caucus      caucus:none            .     .     .     .     .     .     .     .     .     .

# a caucus that is on is ended by its mediator only
close_caucus      caucus                 .     .     no    .     .     ok    .     .     .     .
close_caucus      caucus:none            .     .     .     .     .     .     .     .     .     .
post_message      caucus                 .     .     state .     .     state .     .     .     .

# leading: the mediator of this case
start_hearing     room:other             .     .     .     .     .     .     .     .     no    ok
start_hearing     room+hearing:other     .     no    no    no    no    .     no    no    .     .
start_hearing     room+hearing:none      .     no    no    no    no    .     no    no    .     .
start_hearing     room                   .     no    no    no    no    ok    no    no    .     .
admit_person      room+other             .     no    no    no    no    .     no    no    .     .
admit_person      room                   .     no    no    no    no    ok    no    no    .     .
mute_person       room                   .     no    no    no    no    ok    no    no    .     .
mute_person       room+other             .     no    no    no    no    .     no    no    .     .
unmute_person     room                   .     no    no    no    no    ok    no    no    .     .
warn_person       room                   .     no    no    no    no    ok    no    no    .     .
warn_person       room+other             .     no    no    no    no    .     no    no    .     .
mute_everybody    room                   .     no    no    no    no    ok    no    no    .     .
mute_everybody    room:other             .     .     .     .     .     .     .     .     no    ok
allow_share       room                   .     no    no    no    no    ok    no    no    .     .
allow_share       room+other             .     no    no    no    no    .     no    no    .     .
forbid_share      room                   .     no    no    no    no    ok    no    no    .     .
forbid_share      room+other             .     no    no    no    no    .     no    no    .     .
ask_to_share      room                   .     ok    state state state ok    state state .     .
spotlight         room+claimant          .     no    state state state ok    state state .     .
spotlight         room+other             .     no    state state state .     state state .     .
raise_hand        room                   .     ok    state state state ok    state state .     .
lower_hand        room+claimant          .     ok    state state state ok    state state .     .
lower_hand        room+mediator          .     no    state state state ok    state state .     .

# media: one's own seat, on one's own connection
open_transport    room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
open_transport    room:other             .     .     .     .     .     .     .     .     ok    ok
connect_transport transport              .     ok    .     .     .     .     .     .     .     .
restart_ice       transport              .     ok    .     .     .     .     .     .     .     .
produce           transport              .     ok    .     .     .     .     .     .     .     .
consume           transport:mediator     .     .     .     .     .     ok    .     .     .     .
consume           own                    .     .     .     .     .     ok    .     .     .     .
set_layers        consumer               .     .     .     .     .     ok    .     .     .     .
resume_consumer   consumer               .     .     .     .     .     ok    .     .     .     .
pause_consumer    consumer               .     .     .     .     .     ok    .     .     .     .
close_consumer    consumer               .     .     .     .     .     ok    .     .     .     .
pause_producer    producer               .     ok    .     .     .     .     .     .     .     .
resume_producer   producer               .     ok    .     .     .     .     .     .     .     .
close_producer    producer               .     ok    .     .     .     .     .     .     .     .

# caucuses
open_caucus       room                   .     no    no    no    no    ok    no    no    .     .
open_caucus       room:other             .     .     .     .     .     .     .     .     no    ok
open_caucus       room+other             .     no    no    no    no    .     no    no    .     .
close_caucus      caucus:new             .     .     no    .     .     ok    .     .     .     .

# the rules of the house: who leads; a pause is any party's to call
stop_writing      room                   .     no    no    no    no    ok    no    no    .     .
stop_writing      room+other             .     no    no    no    no    .     no    no    .     .
allow_writing     room                   .     no    no    no    no    ok    no    no    .     .
allow_writing     room+other             .     no    no    no    no    .     no    no    .     .
expel_person      room                   .     no    no    no    no    ok    no    no    .     .
readmit_person    room                   .     no    no    no    no    ok    no    no    .     .
slow_talk         room                   .     no    no    no    no    ok    no    no    .     .
slow_talk         room:other             .     .     .     .     .     .     .     .     no    ok
set_posting       room                   .     no    no    no    no    ok    no    no    .     .
freeze_talk       room                   .     no    no    no    no    ok    no    no    .     .
post_message      talks                  .     state state state state ok    .     .     .     .
post_message      record                 .     no    no    no    no    ok    state state .     .
post_message      private_respondent     .     .     ok    ok    .     ok    .     .     .     .
thaw_talk         room                   .     no    no    no    no    ok    no    no    .     .
extend_pause      room                   .     no    no    no    no    state no    no    .     .
call_pause        room                   .     ok    state state state state no    no    .     .
call_pause        room:other             .     .     .     .     .     .     .     .     ok    state
extend_pause      room                   .     no    no    no    no    ok    no    no    .     .
end_pause         room                   .     no    no    no    no    ok    no    no    .     .

# concerns: quietly from a side to the mediator and the clerk
say_unsafe        room                   .     ok    ok    ok    ok    no    no    no    .     .
say_unsafe        room:other             .     .     .     .     .     .     .     .     ok    no
report_concern    room                   .     inv   ok    ok    ok    no    no    no    .     .
report_concern    room+other             .     .     .     .     .     no    no    no    .     .
read_concerns     room                   .     ok    ok    ok    ok    ok    ok    ok    .     .
handle_concern    concern                .     .     .     .     .     ok    .     state .     .
handle_concern    concern:none           .     .     .     .     .     .     .     .     .     .

# signing: parties, and agents with special authority
send_signing_code agreement              .     ok    ok    ok    no    no    .     .     .     .
send_signing_code agreement:other        .     .     .     .     .     .     .     .     ok    no
sign_agreement    agreement              .     inv   inv   inv   no    no    .     .     .     .
sign_agreement    agreement:other        .     .     .     .     .     .     .     .     inv   no
sign_agreement    agreement:none         .     .     .     .     .     .     .     .     .     .

# recording: the mediator asks all who are in the meeting; a judge who is in it orders it
consent_to_recording room               .     state state state state state state state .     .
pause_recording   room                   .     no    no    no    no    state state state .     .
resume_recording  room                   .     no    no    no    no    state state state .     .
start_recording   room:other             .     .     .     .     .     .     .     .     no    ok
start_recording   room                   .     no    no    no    no    ok    state no    .     .
consent_to_recording room               .     ok    ok    ok    ok    ok    ok    ok    .     .
pause_recording   room                   .     no    no    no    no    ok    no    no    .     .
resume_recording  room                   .     no    no    no    no    ok    no    no    .     .
stop_recording    room:other             .     .     .     .     .     .     .     .     no    ok
stop_recording    room                   .     no    no    no    no    ok    ok    ok    .     .

# the ends
remove_person     room                   .     no    no    no    no    ok    no    no    .     .
close_page        room                   ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
leave_stage       room                   ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
close_hearing     room:other             .     .     .     .     .     .     .     .     no    ok
close_hearing     room                   .     no    no    no    no    ok    no    no    .     .
"""
