"""What a faithful venue must do in its doors, box by box (safety, HTTP, websockets), and which tests hold it.

A box is a sentence of the checklist; each part of it is held by at least one of the tests behind it.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent

BOXES: dict[str, tuple[str, ...]] = {
    "safety: heartbeat: opt-in; 10 s (+<=5 s) deadline; cancel-all per key; wrong id never refreshes; forgets": (
        "doors/test_heartbeat.py::test_who_never_beat_is_never_canceled",
        "doors/test_heartbeat.py::test_silence_takes_all_orders_of_that_key_in_every_market_and_of_no_other",
        "doors/test_heartbeat.py::test_an_accepted_beat_moves_the_deadline_and_a_refused_one_does_not",
        "doors/test_heartbeat.py::test_after_a_lapse_the_key_is_forgotten_and_begins_again",
        "doors/test_heartbeat.py::test_the_venue_looks_at_least_every_five_seconds",
    ),
    "safety: modes: normal, restart (425), post-only 120 s (503, code, Retry-After, legs), cancel-only, disabled": (
        "doors/test_modes.py::test_a_restarting_venue_answers_every_order_endpoint_with_425_and_a_reason",
        "doors/test_modes.py::test_a_post_only_venue_says_so_with_a_code_and_when_to_come_back",
        "doors/test_modes.py::test_in_a_post_only_venue_other_legs_of_a_batch_are_refused",
        "doors/test_modes.py::test_a_cancel_only_venue_takes_cancels",
        "doors/test_modes.py::test_a_disabled_venue_refuses_cancels_too_but_shows_what_rests",
        "faults/test_states.py::test_a_restart_drops_the_sockets_refuses_all_then_takes_post_only_then_everything",
        "faults/test_states.py::test_a_mode_lasts_as_long_as_its_fault",
    ),
    "safety: limiter: per-signer buckets with headers and 429; IP limiter as delay; both optional": (
        "doors/test_limits.py::test_a_standard_signer_places_sixty_orders_at_once_and_forty_a_second",
        "doors/test_limits.py::test_answers_to_orders_say_what_is_left_refused_or_not",
        "doors/test_limits.py::test_what_is_refused_costs_nothing_and_says_when_to_come_back",
        "doors/test_limits.py::test_in_warning_mode_too_much_passes_with_a_warning",
        "doors/test_limits.py::test_without_limits_nothing_is_counted",
        "doors/test_ip_limits.py::test_a_windows_worth_passes_at_once_then_requests_wait_then_they_are_refused",
        "doors/test_ip_limits.py::test_a_delayed_request_is_answered_late_and_the_private_door_never",
    ),
    "safety: faults: stalls, dropped answers, HTML 403/502, lost, doubled, frozen frames, disorder": (
        "faults/test_answers.py::test_a_stalled_answer_comes_late_but_the_order_rests_at_once",
        "faults/test_answers.py::test_a_dropped_answer_is_of_an_order_that_rests",
        "faults/test_answers.py::test_proxies_speak_html_and_the_venue_json",
        "faults/test_frames.py::test_lost_frames_are_lost_by_the_dice_and_no_others",
        "faults/test_frames.py::test_doubled_frames_come_twice_in_a_row_hash_and_all",
        "faults/test_frames.py::test_a_freeze_holds_old_connections_and_their_pong_and_ends_without_a_replay",
        "faults/test_frames.py::test_an_overtaken_frame_comes_behind_so_many_others",
        "faults/test_frames.py::test_a_late_user_channel_keeps_its_order",
        "faults/test_answers.py::test_a_delayed_ack_lets_the_user_channel_speak_first",
    ),
    "http: keep-alive; bodies on DELETE; Content-Length: 0 POST; gzip optional; 200 for success; decimal strings": (
        "test_http.py::test_one_connection_carries_every_call_with_and_without_bodies",
        "test_http.py::test_long_answers_are_compressed_for_those_who_accept_it_where_that_is_on",
        "test_http.py::test_success_is_200_and_nothing_else_and_everything_is_json",
        "test_http.py::test_prices_and_sizes_are_decimal_strings",
    ),
    "http: pagination: MA== or missing as start, base64 offsets, LTE= at the end, 400 when LTE= is sent": (
        "test_http.py::test_listings_begin_at_zero_or_nothing_and_end_at_minus_one",
    ),
    "ws: first frame array in request order; unknown token omitted or []; empty sides []; worst first; dump fields": (
        "doors/test_market_socket.py::test_the_first_frame_is_an_array_of_books_in_the_order_asked_for",
        "doors/test_market_socket.py::test_subscriptions_come_and_go_on_one_connection",
        "doors/test_market_socket.py::test_an_empty_side_is_an_empty_list_and_levels_come_worst_first",
        "doors/test_market_socket.py::test_a_match_is_told_as_a_change_then_whole_books_then_the_print",
    ),
    "ws: each level change: one price_change with both mirrored entries, tops, ms timestamps, 40-hex hashes": (
        "doors/test_market_socket.py::test_a_changed_level_is_told_for_both_tokens_with_the_new_tops",
        "doors/test_market_socket.py::test_an_empty_side_is_nothing_or_one_dollar",
        "doors/test_book_mirror.py::test_a_subscriber_who_applies_every_frame_has_the_whole_book",
        "doors/test_book_mirror.py::test_a_mirror_has_the_very_hash_that_the_venue_computed",
    ),
    "ws: match: price_change or book, last_trade_price per print; extras only with the flag, the latter two global": (
        "doors/test_market_socket.py::test_a_match_is_told_as_a_change_then_whole_books_then_the_print",
        "doors/test_market_socket.py::test_a_print_is_told_once_in_the_takers_terms_to_both_tokens_subscribers",
        "doors/test_market_socket.py::test_tops_and_new_markets_are_extras_for_those_who_ask",
        "doors/test_market_socket.py::test_a_resolved_market_is_told_to_all_who_asked_for_extras",
    ),
    "ws: PING -> PONG text; drop after 30 s without PING; dynamic subscribe/unsubscribe; no replay": (
        "doors/test_market_socket.py::test_a_client_that_never_says_ping_is_dropped",
        "doors/test_market_socket.py::test_subscriptions_come_and_go_on_one_connection",
        "doors/test_market_socket.py::test_nothing_that_happened_before_is_told_again",
        "doors/test_user_socket.py::test_nothing_that_happened_before_is_told_again",
    ),
    "ws: user channel: auth; markets; all kinds and fields; trade per status; may precede the ack": (
        "doors/test_user_socket.py::test_wrong_credentials_close_the_connection",
        "doors/test_user_socket.py::test_only_the_markets_asked_for_are_told",
        "doors/test_user_socket.py::test_frames_have_every_field_of_the_real_ones",
        "doors/test_user_socket.py::test_an_orders_life_is_told_to_its_owner",
        "doors/test_user_socket.py::test_a_partial_match_is_an_update",
        "doors/test_user_socket.py::test_a_match_is_told_to_both_sides_at_each_step_of_its_settlement",
        "doors/test_user_socket.py::test_an_order_refused_for_what_it_met_is_told_as_canceled_with_the_reason",
        "faults/test_answers.py::test_a_delayed_ack_lets_the_user_channel_speak_first",
    ),
    "ws: optional cap: more than 500 assets get deltas without a dump": (
        "doors/test_market_socket.py::test_too_many_tokens_of_one_connection_get_changes_but_no_books",
    ),
}  # fmt: skip


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of a module's tests."""
    tree = ast.parse((HERE / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("box", BOXES)
def test_every_box_is_held_by_tests_that_exist(box: str) -> None:
    for name in BOXES[box]:
        file, _, test = name.partition("::")
        assert test in names_in(file), name
