"""What a faithful venue must do in its engine and settlement, box by box, and which tests hold it."""

from __future__ import annotations

import pytest

from tests.venue.paper.test_checklist import names_in

BOXES: dict[str, tuple[str, ...]] = {
    "engine: price-time priority in one book; complementary, mint and merge; resting price; improvement": (
        "engine/test_exchange.py::test_yes_and_no_are_one_book_seen_from_two_sides",
        "engine/test_exchange.py::test_accounts_queue_in_time_order_among_themselves",
        "engine/test_pit.py::test_accounts_and_participants_stand_in_one_queue",
        "engine/test_order_book.py::test_the_book_is_the_naive_one_step_by_step",
        "engine/test_exchange.py::test_two_buyers_of_opposite_tokens_mint_a_pair",
        "engine/test_exchange.py::test_two_sellers_of_opposite_tokens_merge_a_pair",
        "engine/test_exchange.py::test_a_seller_and_a_buyer_of_one_token_pass_it_on",
        "engine/test_exchange.py::test_a_taker_gets_the_resting_price_and_is_told_what_it_moved",
    ),
    "engine: FOK needs full depth; FAK kills the rest; GTC and GTD rest; post-only refused at equality": (
        "engine/test_admission.py::test_fill_or_kill_needs_all_of_it_at_once",
        "engine/test_admission.py::test_fill_and_kill_needs_something_to_match",
        "engine/test_gate.py::test_a_killed_remainder_is_heard_of_as_a_cancellation",
        "engine/test_gate.py::test_the_rest_of_a_delayed_order_rests_or_is_killed_by_its_type",
        "engine/test_admission.py::test_post_only_is_refused_when_it_would_trade_on_either_token",
    ),
    "engine: GTD leaves 60 s early; lead 180 s (60 s by a switch); GTC with an expiration is refused": (
        "engine/test_exchange.py::test_a_good_till_date_order_leaves_a_minute_before_its_date",
        "engine/test_gate.py::test_how_far_ahead_a_good_till_date_must_be_is_the_venues_to_say",
        "engine/test_admission.py::test_expirations_are_checked_for_the_order_type",
        "doors/test_rest_orders.py::test_an_expiration_belongs_to_gtd_only",
    ),
    "engine: tick, size, minimum and $1 in the exact words; the fine grid beyond 0.96 and 0.04, told for both tokens": (
        "engine/test_admission.py::test_a_price_off_the_grid_is_refused_in_the_venues_words",
        "engine/test_admission.py::test_the_price_stays_a_tick_away_from_both_ends",
        "engine/test_admission.py::test_a_size_of_three_decimals_is_refused",
        "engine/test_admission.py::test_a_size_below_the_minimum_is_refused",
        "engine/test_admission.py::test_a_marketable_buy_below_a_dollar_is_refused",
        "engine/test_gate.py::test_the_grid_of_a_crowds_market_becomes_fine_near_the_ends",
        "doors/test_market_socket.py::test_a_new_grid_is_told_for_both_tokens_twice_unless_told_otherwise",
    ),
    "engine: duplicate digest; signature; owner is the key; signer is the key's address, or the wallet's": (
        "engine/test_admission.py::test_the_same_order_is_taken_once_even_after_its_end",
        "doors/test_rest_orders.py::test_the_same_order_twice_is_a_duplicate",
        "doors/test_rest_orders.py::test_a_changed_order_has_no_valid_signature",
        "doors/test_rest_orders.py::test_an_orders_owner_is_the_key_that_sends_it",
        "doors/test_rest_orders.py::test_an_eoas_order_moves_its_own_money_only",
        "doors/test_rest_orders.py::test_a_deposit_wallets_order_signed_by_somebody_else_is_invalid",
    ),
    "engine: balance >= active + matched + amount with fees, scope a switch; BUY dollars, SELL tokens; cancels": (
        "engine/test_admission.py::test_what_rests_is_reserved_and_no_more_can_be_placed",
        "engine/test_admission.py::test_a_buy_that_trades_at_once_needs_its_fee_as_well",
        "engine/test_funds.py::test_resting_orders_and_unsettled_matches_are_named_apart",
        "engine/test_funds.py::test_a_wallets_orders_count_together_or_market_by_market",
        "engine/test_admission.py::test_only_tokens_held_can_be_sold",
        "engine/test_gate.py::test_orders_whose_money_is_gone_are_canceled_newest_first_until_the_rest_is_covered",
        "engine/test_funds.py::test_orders_leave_newest_first_when_their_money_is_made_into_tokens",
    ),
    "engine: taker delay of itode and seconds_delay: delayed, not cancellable, checked again at its end": (
        "engine/test_gate.py::test_a_marketable_order_waits_unseen_and_then_takes_what_it_finds",
        "engine/test_gate.py::test_the_delay_of_itode_markets_is_in_market_time_below_a_second",
        "engine/test_gate.py::test_what_does_not_trade_at_once_is_never_delayed",
        "engine/test_gate.py::test_a_delayed_order_is_listed_holds_its_money_back_and_cannot_be_canceled",
        "engine/test_gate.py::test_a_maker_who_cancels_within_the_delay_gets_away",
        "engine/test_gate.py::test_a_delayed_order_that_finds_less_than_all_is_killed_if_it_wants_all",
        "engine/test_gate.py::test_a_market_that_closed_within_the_delay_leaves_the_order_unmatched",
        "engine/test_gate.py::test_an_order_off_the_grid_of_its_release_is_unmatched",
        "engine/test_gate.py::test_a_delayed_order_whose_money_is_gone_ends_for_want_of_balance",
    ),
    "engine: fee = rate p(1-p) C to five decimals; makers nothing; rebates and rewards, $1 pay-out floor": (
        "engine/test_admission.py::test_the_fee_is_rate_times_p_times_one_minus_p_to_five_decimals",
        "engine/test_exchange.py::test_only_the_taker_pays_the_fee",
        "programs/test_rebates.py::test_makers_share_a_quarter_of_the_fee_by_what_they_were_hit_for",
        "programs/test_rewards.py::test_every_minute_has_one_sample_at_a_moment_of_its_own",
        "programs/test_rewards.py::test_an_order_must_have_rested_for_its_market_s_minimum_age",
        "programs/test_rewards.py::test_less_than_a_dollar_is_shown_and_not_paid",
    ),
    "engine: self-match is a switch, allowed unless told, logged": (
        "engine/test_gate.py::test_an_address_may_trade_with_itself_which_is_logged",
        "engine/test_gate.py::test_others_matches_are_not_logged_as_ones_own",
        "engine/test_gate.py::test_a_venue_may_refuse_an_order_that_would_reach_its_own_makers",
    ),
    "settlement: uuid; MATCHED, MINED with hash, CONFIRMED; RETRYING, FAILED restore balances; tradeIDs only": (
        "engine/test_chain.py::test_trades_are_named_alike_when_everything_is_the_same_and_never_twice",
        "engine/test_chain.py::test_steps_come_on_the_market_clock",
        "engine/test_chain.py::test_a_hash_is_there_within_a_quarter_of_a_second_at_normal_speed",
        "engine/test_chain.py::test_a_settlement_that_is_tried_again_may_go_well",
        "engine/test_chain.py::test_a_failed_settlement_gives_both_sides_back_what_they_had_fee_included",
        "doors/test_rest_orders.py::test_a_match_is_answered_with_decimal_amounts_and_its_trades",
        "doors/test_rest_orders.py::test_a_venue_of_before_july_answers_with_transaction_hashes",
    ),
    "settlement: split, merge, redeem, convert at a side door move balances; the cache shows them after an update": (
        "engine/test_conversions.py::test_a_dollar_is_a_pair_and_a_pair_is_a_dollar",
        "engine/test_conversions.py::test_the_winner_pays_a_dollar_and_the_loser_nothing",
        "engine/test_conversions.py::test_no_of_one_runner_is_yes_of_all_others",
        "engine/test_balances.py::test_orders_without_money_stay_until_the_venue_sees_it",
        "engine/test_balances.py::test_an_update_reads_one_balance_at_once",
    ),
}  # fmt: skip


@pytest.mark.parametrize("box", BOXES)
def test_every_box_is_held_by_tests_that_exist(box: str) -> None:
    for name in BOXES[box]:
        file, _, test = name.partition("::")
        assert test in names_in(file), name
