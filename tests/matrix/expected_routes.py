"""Who may ask for which page, with which object: written by hand from the mission's table of rights, never derived from the code.

A row is a method, a path with the object asked for (`{case:other}` is another case's), and one status for each role. The rows are played
from top to bottom, each from left to right. What is not yours does not exist: 404.
"""

ROLES = ["out", "str", "cla", "res", "age", "gen", "med", "jud", "cle", "oth", "oml", "rev"]
"""Signed out · a stranger, in no case · claimant · respondent · the respondent's lawyer with special authority · the claimant's lawyer with
general authority · mediator · judge · clerk · the claimant of another case · the mediator of another case · a claimant whose sign-in
was revoked."""

EXPECTED = """
#                                                       out str cla res age gen med jud cle oth oml rev

# for everybody
GET     /health                                         200 200 200 200 200 200 200 200 200 200 200 200
GET     /sign-in                                        200 303 303 303 303 303 303 303 303 303 303 200
POST    /sign-in                                        200 200 200 200 200 200 200 200 200 200 200 200
POST    /sign-in/code                                   422 422 422 422 422 422 422 422 422 422 422 422
POST    /language                                       303 303 303 303 303 303 303 303 303 303 303 303
POST    /theme                                          303 303 303 303 303 303 303 303 303 303 303 303
POST    /text-size                                      303 303 303 303 303 303 303 303 303 303 303 303
GET     /genuine                                        200 200 200 200 200 200 200 200 200 200 200 200
POST    /genuine                                        200 200 200 200 200 200 200 200 200 200 200 200
GET     /genuine/{number}                               200 200 200 200 200 200 200 200 200 200 200 200
GET     /genuine/{number:order}                         200 200 200 200 200 200 200 200 200 200 200 200
GET     /genuine/{number:none}                          404 404 404 404 404 404 404 404 404 404 404 404
GET     /genuine/{number:walled}                        404 404 404 404 404 404 404 404 404 404 404 404
GET     /certificates                                   303 303 303 303 303 303 303 303 303 303 303 303
GET     /certificates/{code}                            303 303 303 303 303 303 303 303 303 303 303 303
GET     /demo/{link:none}                               404 404 404 404 404 404 404 404 404 404 404 404
OPTIONS /uploads                                        204 204 204 204 204 204 204 204 204 204 204 204
GET     /invitations/{token}                            200 200 303 200 200 200 200 200 200 200 200 200
GET     /invitations/{token:none}                       404 404 404 404 404 404 404 404 404 404 404 404
POST    /invitations/{token:none}/code                  404 404 404 404 404 404 404 404 404 404 404 404
POST    /invitations/{token:many}/code                  200 200 200 200 200 200 200 200 200 200 200 200
POST    /invitations/{token:many}                       422 422 422 422 422 422 422 422 422 422 422 422

# one's own
GET     /                                               303 200 200 200 200 200 200 200 200 200 200 303
GET     /search                                         303 200 200 200 200 200 200 200 200 200 200 303
GET     /acts                                           303 200 200 200 200 200 200 200 200 200 200 303
GET     /acts/csv                                       303 200 200 200 200 200 200 200 200 200 200 303
GET     /acts/json                                      303 200 200 200 200 200 200 200 200 200 200 303
GET     /devices                                        303 200 200 200 200 200 200 200 200 200 200 303
POST    /devices/{sign_in:none}/revocation              401 404 404 404 404 404 404 404 404 404 404 401
POST    /devices/{sign_in:other}/revocation             401 404 404 404 404 404 404 404 404 303 404 401
POST    /devices/{sign_in:spare}/revocation             401 303 303 303 303 303 303 303 303 303 303 401

# the clerk's counter
GET     /people                                         303 404 404 404 404 404 404 404 200 404 404 303
GET     /people/new                                     303 404 404 404 404 404 404 404 200 404 404 303
POST    /people                                         401 404 404 404 404 404 404 404 303 404 404 401
GET     /cases                                          303 404 404 404 404 404 404 404 200 404 404 303
GET     /cases/new                                      303 404 404 404 404 404 404 404 200 404 404 303
POST    /cases                                          401 404 404 404 404 404 404 404 303 404 404 401

# a case
GET     /cases/{case}                                   303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}                             303 404 404 404 404 404 404 404 404 200 200 303
GET     /cases/{case:none}                              303 404 404 404 404 404 404 404 404 404 404 303
GET     /cases/{case}/welcome                           303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}/welcome                     303 404 404 404 404 404 404 404 404 200 200 303
GET     /cases/{case}/consent                           303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}/consent                     303 404 404 404 404 404 404 404 404 200 200 303
POST    /cases/{case}/consent                           401 404 303 303 303 403 403 403 403 404 404 401
POST    /cases/{case:other}/consent                     401 404 404 404 404 404 404 404 404 303 403 401
POST    /cases/{case}/room                              401 404 403 403 403 403 303 403 403 404 404 401
POST    /cases/{case:other}/room                        401 404 404 404 404 404 404 404 404 403 303 401
GET     /cases/{case}/ending                            303 404 403 403 403 403 200 403 403 404 404 303
GET     /cases/{case:other}/ending                      303 404 404 404 404 404 404 404 404 403 200 303
POST    /cases/{case}/invitations                       401 404 403 403 403 403 303 403 303 404 404 401
POST    /cases/{case:other}/invitations                 401 404 404 404 404 404 404 404 404 403 303 401
GET     /cases/{case:settled}/certificate               303 404 303 303 303 303 303 303 303 404 404 303
GET     /cases/{case}/certificate                       303 404 404 404 404 404 404 404 404 404 404 303
GET     /cases/{case:none}/certificate                  303 404 404 404 404 404 404 404 404 404 404 303
GET     /cases/{case}/exports                           303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}/exports                     303 404 404 404 404 404 404 404 404 200 200 303
GET     /cases/{case:none}/exports                      303 404 404 404 404 404 404 404 404 404 404 303
POST    /cases/{case}/exports?record                    401 404 303 303 303 303 303 303 303 404 404 401
POST    /cases/{case}/exports?own                       401 404 303 303 303 303 403 403 403 404 404 401
POST    /cases/{case}/exports?talks                     401 404 303 303 303 303 303 404 404 404 404 401
POST    /cases/{case}/exports?private_claimant          401 404 303 404 404 303 303 404 404 404 404 401
POST    /cases/{case}/exports?caucus                    401 404 404 303 404 404 303 404 404 404 404 401
POST    /cases/{case}/exports?talks:other               401 404 404 404 404 404 404 404 404 404 404 401
POST    /cases/{case:other}/exports?record              401 404 404 404 404 404 404 404 404 303 303 401
GET     /exports/{export}                               303 404 200 404 404 404 404 404 404 404 404 303
GET     /exports/{export:none}                          303 404 404 404 404 404 404 404 404 404 404 303

# how long things are kept: the sides ask, the clerk decides, judge and clerk hold
GET     /cases/{case}/keeping                           303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}/keeping                     303 404 404 404 404 404 404 404 404 200 200 303
GET     /cases/{case:none}/keeping                      303 404 404 404 404 404 404 404 404 404 404 303
POST    /cases/{case}/keeping/requests                  401 404 303 303 303 303 403 403 403 404 404 401
POST    /cases/{case:other}/keeping/requests            401 404 404 404 404 404 404 404 404 303 403 401
POST    /cases/{case}/keeping/requests/{request:none}   401 404 403 403 403 403 403 403 404 404 404 401
POST    /cases/{case:other}/keeping/requests/{request}  401 404 404 404 404 404 404 404 404 403 403 401
POST    /cases/{case}/keeping/requests/{request}        401 404 403 403 403 403 403 403 303 404 404 401
POST    /cases/{case}/keeping/hold?set                  401 404 403 403 403 403 403 303 409 404 404 401
POST    /cases/{case}/keeping/hold?lift                 401 404 403 403 403 403 403 303 409 404 404 401
POST    /cases/{case:other}/keeping/hold?set            401 404 404 404 404 404 404 404 404 403 403 401

# meetings
GET     /cases/{case}/hearings                          303 404 403 403 403 403 200 200 200 404 404 303
GET     /cases/{case:other}/hearings                    303 404 404 404 404 404 404 404 404 403 200 303
POST    /cases/{case}/hearings                          401 404 403 403 403 403 303 303 303 404 404 401
POST    /cases/{case:other}/hearings                    401 404 404 404 404 404 404 404 404 403 303 401
GET     /hearings/{hearing}                             303 404 403 403 403 403 200 200 200 404 404 303
GET     /hearings/{hearing:other}                       303 404 404 404 404 404 404 404 404 403 200 303
GET     /hearings/{hearing:none}                        303 404 404 404 404 404 404 404 404 404 404 303
POST    /hearings/{hearing}                             401 404 403 403 403 403 303 303 303 404 404 401
POST    /hearings/{hearing:other}                       401 404 404 404 404 404 404 404 404 403 303 401
POST    /hearings/{hearing:other}/cancellation          401 404 404 404 404 404 404 404 404 403 303 401
POST    /hearings/{hearing}/cancellation                401 404 403 403 403 403 303 303 303 404 404 401
POST    /hearings/{hearing}/cancellation                401 404 403 403 403 403 303 303 303 404 404 401

# what was carried out of a private talk: for those who were in it; the others see an empty page
GET     /rooms/{room}/carried                           303 404 200 200 200 200 200 200 200 404 404 303
GET     /rooms/{room:other}/carried                     303 404 404 404 404 404 404 404 404 200 200 303
GET     /rooms/{room:none}/carried                      303 404 404 404 404 404 404 404 404 404 404 303

# connection statements: one's own, and all of them for who leads
GET     /hearings/{hearing}/connections                 303 404 200 200 200 200 200 200 200 404 404 303
GET     /hearings/{hearing:other}/connections           303 404 404 404 404 404 404 404 404 200 200 303
GET     /hearings/{hearing}/connections/{person:res}    303 404 404 200 404 404 200 404 404 404 404 303
GET     /hearings/{hearing}/connections/{person:med}    303 404 404 404 404 404 200 404 404 404 404 303
GET     /hearings/{hearing}/connections/{person:oth}    303 404 404 404 404 404 404 404 404 404 404 303
GET     /hearings/{hearing:other}/connections/{person:oth} 303 404 404 404 404 404 404 404 404 200 200 303
GET     /hearings/{hearing}/connections/{person:res}/statement 303 404 404 200 404 404 200 404 404 404 404 303
GET     /hearings/{hearing:other}/connections/{person:oth}/statement 303 404 404 404 404 404 404 404 404 200 200 303
POST    /hearings/{hearing}/connections/{person:res}/objection 401 404 404 303 404 404 403 404 404 404 404 401
POST    /hearings/{hearing:other}/connections/{person:oth}/objection 401 404 404 404 404 404 404 404 404 303 403 401

# the room
GET     /rooms/{room}                                   303 404 200 200 200 200 200 200 200 404 404 303
GET     /rooms/{room:other}                             303 404 404 404 404 404 404 404 404 200 200 303
GET     /rooms/{room:none}                              303 404 404 404 404 404 404 404 404 404 404 303
GET     /rooms/{room}/check                             303 404 200 200 200 200 200 200 200 404 404 303
GET     /rooms/{room:other}/check                       303 404 404 404 404 404 404 404 404 200 200 303

# recordings: that there are some, everybody; what all consented to, the mediator sees; what was ordered, the bench
GET     /cases/{case}/recordings                        303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}/recordings                  303 404 404 404 404 404 404 404 404 200 200 303
GET     /cases/{case:none}/recordings                   303 404 404 404 404 404 404 404 404 404 404 303
GET     /recordings/{recording}/film                    303 404 403 403 403 403 200 403 403 404 404 303
GET     /recordings/{recording:ordered}/film            303 404 403 403 403 403 200 200 200 404 404 303
GET     /recordings/{recording:none}/film               303 404 404 404 404 404 404 404 404 404 404 303
POST    /recordings/{recording}/film                    401 404 403 403 403 403 303 403 403 404 404 401
POST    /recordings/{recording:ordered}/film            401 404 403 403 403 403 303 303 303 404 404 401
GET     /recordings/tracks/{track}                      303 404 403 403 403 403 200 403 403 404 404 303
GET     /recordings/tracks/{track:ordered}              303 404 403 403 403 403 200 200 200 404 404 303
GET     /recordings/tracks/{track:none}                 303 404 404 404 404 404 404 404 404 404 404 303

# files: who may read the channel, may have them
GET     /files/{file:record}                            303 404 200 200 200 200 200 200 200 404 404 303
GET     /files/{file:talks}                             303 404 200 200 200 200 200 404 404 404 404 303
GET     /files/{file:private_claimant}                  303 404 200 404 404 200 200 404 404 404 404 303
GET     /files/{file:private_respondent}                303 404 404 200 200 404 200 404 404 404 404 303
GET     /files/{file:caucus}                            303 404 404 200 404 404 200 404 404 404 404 303
GET     /files/{file:other}                             303 404 404 404 404 404 404 404 404 200 200 303
GET     /files/{file:none}                              303 404 404 404 404 404 404 404 404 404 404 303
GET     /files/{file:order}/withdrawal                  303 404 403 403 403 403 403 200 200 404 404 303
GET     /files/{file:talks}/withdrawal                  303 404 404 404 404 404 404 404 404 404 404 303
GET     /files/{file:private_claimant}/withdrawal       303 404 404 404 404 404 404 404 404 404 404 303
GET     /files/{file:other}/withdrawal                  303 404 404 404 404 404 404 404 404 404 404 303
POST    /files/{file:order}/withdrawal                  401 404 403 403 403 403 403 303 303 404 404 401
POST    /files/{file:talks}/withdrawal                  401 404 404 404 404 404 404 404 404 404 404 401
POST    /files/{file:none}/withdrawal                   401 404 404 404 404 404 404 404 404 404 404 401
GET     /files/{file:voice}/sound                       303 404 200 200 200 200 200 404 404 404 404 303
GET     /files/{file:walled_voice}/sound                303 404 200 404 404 200 200 404 404 404 404 303
GET     /files/{file:early_voice}/sound                 303 404 409 409 409 409 409 404 404 404 404 303
GET     /files/{file:talks}/sound                       303 404 404 404 404 404 404 404 404 404 404 303
GET     /files/{file:none}/sound                        303 404 404 404 404 404 404 404 404 404 404 303
POST    /uploads?record_document                        401 404 201 201 201 201 201 201 201 404 404 401
POST    /uploads?record                                 401 404 403 403 403 403 201 201 201 404 404 401
POST    /uploads?talks                                  401 404 201 201 201 201 201 404 404 404 404 401
POST    /uploads?private_claimant                       401 404 201 404 404 201 201 404 404 404 404 401
POST    /uploads?caucus                                 401 404 404 201 404 404 201 404 404 404 404 401
POST    /uploads?other                                  401 404 404 404 404 404 404 404 404 201 201 401
POST    /uploads?none                                   401 404 404 404 404 404 404 404 404 404 404 401
HEAD    /uploads/{upload}                               401 404 200 404 404 404 404 404 404 404 404 401
HEAD    /uploads/{upload:other}                         401 404 404 404 404 404 404 404 404 200 404 401
PATCH   /uploads/{upload}                               401 404 204 404 404 404 404 404 404 404 404 401
PATCH   /uploads/{upload:other}                         401 404 404 404 404 404 404 404 404 204 404 401
PATCH   /uploads/{upload:none}                          401 404 404 404 404 404 404 404 404 404 404 401

# the agreement: drafts belong to who negotiates; judge and clerk see what was signed
GET     /cases/{case}/agreement                         303 404 200 200 200 200 200 200 200 404 404 303
GET     /cases/{case:other}/agreement                   303 404 404 404 404 404 404 404 404 200 200 303
GET     /cases/{case}/agreement/draft                   303 404 200 200 200 403 200 403 403 404 404 303
GET     /cases/{case:other}/agreement/draft             303 404 404 404 404 404 404 404 404 200 200 303
POST    /cases/{case}/agreement?add                     401 404 200 200 200 403 200 403 403 404 404 401
POST    /cases/{case}/agreement?save                    401 404 409 409 409 403 409 403 403 404 404 401
POST    /cases/{case:other}/agreement?save              401 404 404 404 404 404 404 404 404 409 409 401
GET     /agreements/{agreement}/versions/1              303 404 200 200 200 200 200 404 404 404 404 303
GET     /agreements/{agreement:settled}/versions/1      303 404 200 200 200 200 200 200 200 404 404 303
GET     /agreements/{agreement:other}/versions/1        303 404 404 404 404 404 404 404 404 200 200 303
GET     /agreements/{agreement:none}/versions/1         303 404 404 404 404 404 404 404 404 404 404 303
GET     /agreements/{agreement}/comparison              303 404 200 200 200 200 200 404 404 404 404 303
GET     /agreements/{agreement:other}/comparison        303 404 404 404 404 404 404 404 404 200 200 303
GET     /agreements/{agreement}/signature               303 404 200 200 200 200 200 404 404 404 404 303
GET     /agreements/{agreement:other}/signature         303 404 404 404 404 404 404 404 404 200 200 303
POST    /agreements/{agreement}/freeze                  401 404 403 403 403 403 303 404 404 404 404 401
POST    /agreements/{agreement:other}/freeze            401 404 404 404 404 404 404 404 404 403 303 401
POST    /agreements/{agreement}/code                    401 404 303 303 303 403 403 404 404 404 404 401
POST    /agreements/{agreement:other}/code              401 404 404 404 404 404 404 404 404 303 403 401
POST    /agreements/{agreement}/signature               401 404 422 422 422 403 403 404 404 404 404 401
POST    /agreements/{agreement:other}/signature         401 404 404 404 404 404 404 404 404 422 403 401
POST    /agreements/{agreement:other}/refusal           401 404 404 404 404 404 404 404 404 303 403 401
POST    /agreements/{agreement}/refusal                 401 404 303 409 409 403 403 404 404 404 404 401

# the ends
POST    /cases/{case}/ending                            401 404 403 403 403 403 303 403 403 404 404 401
POST    /cases/{case:other}/ending                      401 404 404 404 404 404 404 404 404 403 303 401
POST    /sign-out                                       401 303 303 303 303 303 303 303 303 303 303 401
"""
