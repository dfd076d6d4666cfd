"""Words for people, by the part that they play: those for whom a business works, and those who work for it."""

from __future__ import annotations

from app.language.inflect import root, stem

_CLIENTS = """customer client user member subscriber visitor guest patient student pupil patron buyer shopper passenger participant attendee borrower
tenant player donor voter resident citizen viewer listener reader learner joiner leaver neighbour neighbor traveller traveler tourist applicant
candidate account policyholder claimant lessee reviewer bidder investor"""
_STAFF = """employee worker staff driver rider contractor freelancer volunteer agent rep representative salesperson seller trainer coach instructor teacher lecturer
professor tutor doctor physician nurse clinician therapist dentist surgeon mechanic technician engineer operator host owner manager supervisor author artist
adjuster broker advisor adviser consultant officer clerk inspector cleaner waiter chef cook lawyer analyst librarian landlord courier dispatcher picker pilot
captain carer caregiver assistant associate cashier barista stylist vet assignee developer recruiter referrer"""
_ANY_SIDE = "person people contact lead headcount audience attendance hire signup registration enrollment admission"

FOLKS = frozenset({"people", "persons", "folks"})
"""Words for people of any part."""
ANYBODY = FOLKS | {"anyone", "anybody", "everyone", "everybody", "someone", "somebody", "they"}
"""These, and the pronouns for them."""
CLIENT_WORDS = tuple(dict.fromkeys(map(stem, _CLIENTS.split())))
STAFF_WORDS = tuple(dict.fromkeys(map(stem, _STAFF.split())))
PERSONS = frozenset(map(root, (*_CLIENTS.split(), *_STAFF.split(), *_ANY_SIDE.split())))
"""Roots of words for people, and for what counts them."""
