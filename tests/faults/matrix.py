"""Lists what the show is meant to survive: the target figure, what was seen, and the tests that show it."""

import ast
from pathlib import Path
from typing import NamedTuple

from tests.harness import ROOT


class Row(NamedTuple):
    """One fault, or one family of bad input."""

    number: int
    fault: str
    aim: str
    seen: str
    """The outcome when it was last measured."""
    tests: tuple[str, ...]
    """``file::function`` below ``tests/``."""
    open: str = ""
    """The part of the aim that no test shows."""


ROWS = (
    Row(
        1,
        "any node raises, at any event",
        "other branches lose 0 events, the node is back < 1 s, five times in a minute: degraded",
        "0 lost, back < 1 s; a donation while the voice keeps failing is thanked by the next run (virtual time)",
        (
            "graphs/engine/offline/test_unheard.py::"
            "test_a_donation_that_comes_while_the_voice_keeps_failing_is_thanked_later_and_not_given_up",
            "graphs/engine/test_laws.py::"
            "test_a_node_that_fails_at_any_event_is_back_within_a_second_and_the_other_branch_loses_nothing",
            "graphs/engine/flow/test_runtime.py::test_five_failures_in_a_minute_make_a_node_degraded",
        ),
    ),
    Row(
        2,
        "network gone for 5 s, 60 s, 10 min",
        "in use < 2 s after the heal, 0 donations lost, memory +< 20 MB",
        "5 s: in use 0.3 s after, 0 lost, +0.5 MB; 60 s: 0.2-0.3 s after, 130 of 130 answered, +0.7 MB",
        (
            "faults/test_network.py::test_a_network_that_was_gone_costs_no_donation_and_is_used_again_at_once",
            "peers/test_chzzk_live.py::test_the_server_is_killed_and_comes_back",
            "peers/test_chzzk_live.py::test_a_stopped_server_is_noticed_and_received_again",
            "peers/test_chzzk_live.py::test_a_server_that_is_stopped_for_minutes_is_received_again",
        ),
        "the chat service is asked again by backoff: within 2 s only after the shortest outages, at most 30 s later",
    ),
    Row(
        3,
        "VTube Studio closed and opened again",
        "moves again < 3 s, the token is reused, no storm of prompts",
        "0.6 s, the same token",
        (
            "peers/test_vts_sink.py::test_after_it_was_killed_it_moves_again_within_three_seconds_without_a_prompt",
            "peers/test_vts_stage.py::test_a_stage_that_was_killed_is_moved_again_within_three_seconds_and_asks_nobody",
            "nodes/avatar/test_vts.py::test_who_says_no_is_not_asked_again_until_the_window_was_closed",
        ),
    ),
    Row(
        4,
        "language model: 429, 500, hang, silence, cut in a token, bad bytes, endless or empty reply",
        "first token or the next model in time, a fallback <= 10 s, few retries, cut at a sentence",
        "an answer, or the rung below it, within 5.0 s; 500 cancelled turns leave no connection",
        (
            "peers/test_llm_live.py::test_whatever_goes_wrong_ends_in_time_and_the_judge_finds_nothing_else",
            "nodes/llm/model/test_chat_api.py::test_whatever_goes_wrong_has_its_kind_and_everything_is_closed",
            "nodes/llm/model/test_chat_api.py::test_bytes_that_are_no_text_are_signs_for_it_and_the_rest_is_read",
            "nodes/llm/model/test_answer.py::test_an_endless_text_is_cut",
            "nodes/llm/test_reply.py::test_what_no_model_answers_is_handed_on_within_the_time",
        ),
    ),
    Row(
        5,
        "voice server killed or frozen in a sentence",
        "a clean stop at a chunk, the next sentence by another server < 1 s",
        "the sentence ends after 9 ms, the next one sounds from the other server 20 ms later; frozen (stall_s "
        "0.5): 0.5 s",
        ("faults/test_voice_servers.py::test_a_server_that_dies_in_a_sentence_costs_no_more_than_that_sentence",),
    ),
    Row(
        6,
        "sound device unplugged",
        "goes on at another device < 2 s, never holds the graph up",
        "the only one: noticed after 0.9 s (1.2 s on a busy machine), timing goes on, sound 0.4 s after it is "
        "back; beside another: that one after 0.9 s, back by name between turns, 6.2 s after it is there",
        (
            "nodes/audio/test_sink_removed.py::test_a_sink_that_is_unplugged_and_the_only_one_is_found_again_by_its_name",
            "nodes/audio/test_sink_removed.py::"
            "test_a_sink_that_is_unplugged_is_followed_by_another_one_until_it_is_back",
            "nodes/audio/test_sound_server.py::test_a_sound_server_that_dies_mid_sentence_does_not_stop_the_show",
        ),
    ),
    Row(
        7,
        "1,000 messages a second for 60 s",
        "< 1 core, memory +< 50 MB, donations p99 < 500 ms, drops counted",
        "0.29 cores, +15.5 MB, p50 102 ms, p99 215 ms",
        ("faults/test_flood.py::test_a_thousand_messages_a_second_cost_less_than_a_core_and_hold_no_donation_up",),
    ),
    Row(
        8,
        "process killed with kill -9",
        "up again < 3 s, files valid to the last full line, 0 donations lost, <= 1 % thanked twice",
        "1.2-1.4 s, all readable, thanked once",
        (
            "faults/test_restart.py::test_after_a_kill_it_is_back_within_three_seconds_and_its_files_can_be_read",
            "faults/test_kill.py::test_a_donation_in_whose_thanks_the_process_was_killed_is_thanked_once_by_the_next",
        ),
    ),
    Row(
        9,
        "NATS killed, stopped for 5 s, disk full, clock jump of an hour",
        "0 donations lost, gap <= outage + 1.5 s, monotonic clocks alone",
        "NATS: see [The bus](#the-bus); clock, +1 h and -2 h in mid turn: 6 of 6 answered once, files whole",
        (
            "peers/test_bus.py::test_donations_survive_a_server_that_is_killed_three_times",
            "peers/test_bus.py::test_donations_survive_a_server_that_does_not_answer_for_five_seconds",
            "peers/test_bus.py::test_donations_survive_a_reader_that_is_killed",
            "peers/test_bus.py::test_donations_wait_where_the_disk_is_full_and_come_when_there_is_room",
            "faults/test_clock_jump.py::test_a_time_of_day_that_jumps_by_hours_in_a_turn_changes_nothing",
        ),
        "the clock of a NATS server's machine does not jump in a test",
    ),
    Row(
        10,
        "leader of a NATS cluster of three lost",
        "0 donations lost, gap <= 12 s",
        "see [The bus](#the-bus): one run of fourteen was short of the aim",
        ("peers/test_bus_cluster.py::test_donations_survive_the_loss_of_the_server_that_leads",),
        "it allows 20 s, two elections of up to 9 s each; text and sound of the gap are given up",
    ),
    Row(
        11,
        "disk full, or history/ cannot be written",
        "the show goes on, one line for each file, it writes again by itself",
        "16 of 16 donations answered meanwhile, 3-5 lines, writing again after 2.4 s, session.wav after 0-2 s",
        (
            "faults/test_disk.py::test_on_a_full_disk_donations_are_answered_and_when_there_is_room_it_writes_again",
            "faults/test_disk.py::test_with_a_file_in_the_place_of_history_the_show_goes_on",
            "faults/test_disk.py::"
            "test_the_recording_of_the_voice_stays_whole_on_a_full_disk_and_goes_on_when_there_is_room",
            "nodes/audio/test_session.py::"
            "test_whichever_call_the_disk_refuses_the_files_are_whole_and_go_on_when_there_is_room",
            "nodes/audio/test_player.py::test_a_read_only_disk_is_told_once_and_the_voice_goes_on",
        ),
        "of the recording more than 30 s is left out",
    ),
    Row(
        12,
        "reload with an error, a hundred reloads, reload in speech",
        "error names file:line, the old graph untouched, 0 events lost, +0 tasks, +< 1 MB",
        "0 lost, +0 tasks; times: see [The engine](#the-engine)",
        (
            "graphs/engine/reload/test_live.py::test_a_wrong_file_leaves_the_running_graph_alone_and_every_problem_of_it_is_said",
            "graphs/engine/reload/test_reloader.py::test_a_hundred_reloads_leave_no_thread_no_socket_and_less_than_a_megabyte",
            "graphs/engine/reload/test_reloader.py::test_random_reloads_lose_nothing_double_nothing_and_keep_the_order",
            "faults/test_reload_process.py::test_what_is_saved_goes_on_air_within_300_ms_and_what_is_broken_does_not",
        ),
    ),
    Row(
        13,
        "YAML: tabs, double keys, on/no, 12:30, alias bomb, depth, 2 MB, BOM, CRLF",
        "refused or read as written, every error < 100 ms",
        "each within the aim",
        (
            "graphs/engine/language/test_load.py::test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect",
            "graphs/engine/language/test_load.py::test_a_plain_scalar_is_read_by_the_core_schema_of_yaml_1_2",
            "graphs/engine/language/test_check.py::test_silly_files_are_refused_in_little_time",
            "graphs/engine/language/test_check.py::test_what_is_wrong_is_found_in_little_time",
        ),
    ),
    Row(
        14,
        "graph: unknown type, port, key; wrong event; cycle; missing secret; two nodes on one port",
        "all reported at once, with the nearest name",
        "all at once, each with the nearest name",
        (
            "graphs/engine/language/test_check.py::test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect",
            "graphs/engine/language/test_wires.py::test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect",
            "graphs/engine/language/test_settings.py::test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect",
        ),
    ),
    Row(
        15,
        "chat: zalgo, RTL, no width, emoji chains, 10 kB, control characters, HTML, markup, injection, paths",
        "nothing is executed, a voice gets <= 300 plain characters, no file is named from input",
        "74 payloads: 58 in, 12 malformed, 4 repeated, 0 failures, longest 40 characters",
        (
            "faults/test_bad_chat.py::test_bad_chat_harms_nobody_and_every_message_has_its_verdict",
            "browser/test_overlay_hours.py::test_what_is_meant_to_be_code_is_text",
            "browser/test_dock.py::test_what_viewers_write_stays_text",
        ),
    ),
    Row(
        16,
        "ids that come twice or are missing, times out of order or from the future",
        "one verdict each, order kept",
        "the same payloads: one verdict each",
        (
            "faults/test_bad_chat.py::test_bad_chat_harms_nobody_and_every_message_has_its_verdict",
            "nodes/chat/test_parse.py::test_the_id_is_the_same_for_the_same_event_and_another_for_another",
            "graphs/engine/test_laws.py::"
            "test_every_event_of_any_graph_has_one_verdict_paid_ones_are_not_dropped_and_order_is_kept",
        ),
    ),
    Row(
        17,
        "HTTP: thousands of connections, slowloris, 100 MB, bad WebSocket frames, foreign Host and Origin",
        "64 pages at most, body 64 kB, first request 5 s, 421 and 403",
        "hung up on after 5.4 s, a page waits 64 ms meanwhile, +15 MB; 413 with +0 MB; refused",
        (
            "faults/test_http.py::test_a_crowd_that_asks_for_nothing_is_hung_up_on_and_keeps_no_page_out",
            "faults/test_http.py::test_a_body_of_100_mb_is_refused_and_not_kept",
            "faults/test_http.py::test_bad_websocket_frames_cost_nobody_but_who_sends_them",
            "faults/test_http.py::test_another_page_gets_nothing",
            "faults/test_http.py::test_no_header_is_kept_that_does_not_end",
            "graphs/engine/web/test_server.py::test_only_so_many_pages_connect",
        ),
        "10,000 connections only by hand (slow), 2,000 always",
    ),
    Row(
        18,
        "loop held for 1 s by a bad node",
        "found, named, and not heard",
        "named by file and line; the sentence at the device correlates 1.0000",
        (
            "faults/test_blocked_loop.py::test_a_loop_that_is_held_for_a_second_is_named_and_the_voice_goes_on",
            "graphs/engine/observe/test_watchdog.py::test_a_hold_up_is_told_once_with_its_length_and_who_did_it",
        ),
    ),
    Row(
        19,
        "a day on air at ten messages a second; half an hour in real time with edits and faults",
        "memory < 1 MB/h after warm-up, files, tasks, threads flat, p99 drift < 10 %",
        "30 minutes (37,201 messages, 119 edits, 89 faults, 597 pages): files 26, threads 13, tasks 31 "
        "unchanged; memory 193.8 -> 193.1 MB, slope +1.8 MB/h (95 %: -2.7 to +6.7); p99 4.9 -> 4.6 ms",
        (
            "soak/test_day.py::"
            "test_a_day_at_ten_messages_a_second_leaves_memory_flat_and_every_message_with_its_verdict",
            "soak/test_half_hour.py::test_half_an_hour_with_reloads_faults_and_refreshed_pages_leaves_everything_flat",
        ),
        "half an hour in real time does not tell 1 MB/h from what the system lends and takes back",
    ),
    Row(
        20,
        "start with nothing: no device, key, network, login",
        "the demonstration works, doctor names each missing thing and what adds it",
        "works; doctor names each missing thing",
        (
            "e2e/test_demo.py::test_the_demo_answers_aloud_without_a_network",
            "e2e/test_documents.py::test_a_live_graph_runs_without_a_login_and_says_what_is_missing",
            "faults/test_doctor.py::test_one_thing_that_is_broken_is_one_red_line_with_its_remedy",
        ),
    ),
    Row(
        21,
        "thousands of connections that ask for nothing, at any of the three servers",
        "files stay free, a request is served, half a request is hung up on after 5 s",
        "2,200: all but 64 are hung up on at once, a request is served",
        (
            "nodes/test_patience.py::test_2200_idle_connections_leave_the_server_files_to_open_and_a_page_is_served",
            "nodes/test_patience.py::test_a_client_that_asks_for_nothing_is_waited_for_and_then_sent_away",
        ),
        "one test for all: the pages, the stage and the voice server listen by the same code",
    ),
    Row(
        22,
        "a web page in the streamer's browser attacks the stage",
        "/health p99 <= 20 ms, the avatar moves on, no program is locked out, one line in the log",
        "30 s, 566 connections, 2.4 MB messages, floods, questions: /health p99 17.6 ms, at most 32 ms; 61 moves a "
        "second; one line",
        (
            "browser/test_hostile_page.py::test_a_hostile_page_holds_nothing_up_and_is_one_line_in_the_log",
            "nodes/avatar/stage/test_server.py::"
            "test_a_page_takes_no_more_than_its_seats_and_programs_come_in_all_the_same",
            "nodes/avatar/stage/test_api.py::test_a_page_that_asks_again_and_again_is_one_question_a_minute",
        ),
    ),
    Row(
        23,
        "two shows in one folder, both killed at any moment",
        "each thanks its own donations once, nothing of the other is touched",
        "40 kills of both, 200 donations to each: what waited was thanked by its own show, once",
        (
            "faults/test_two_copies.py::"
            "test_two_shows_in_one_folder_thank_only_their_own_donations_each_once_through_kills_at_any_moment",
            "graphs/engine/books/test_own_folder.py::test_each_finds_its_own_folder_again_whichever_starts_first",
        ),
    ),
    Row(
        24,
        "a node gives what its port does not: None, another event, 256 of them as it starts",
        "its own failure at once; its edge, the node behind it and other producers go on",
        "10 of 10 events of the other producer, 0 failures behind; 256 at the start: one failure (virtual time)",
        (
            "graphs/engine/flow/test_station.py::"
            "test_a_wrong_event_of_one_producer_neither_stops_its_edge_nor_hits_the_other_producer",
            "graphs/engine/flow/test_instance.py::"
            "test_wrong_events_at_the_very_start_are_a_failure_and_not_an_exception_for_whoever_starts_the_node",
        ),
    ),
    Row(
        25,
        "a donation whose handling kills the process: before its turn, before or after the model, while it is heard",
        "thanked for without its text by the third start, the others once; set aside after four deaths, told; "
        "not counted for another show of the process that was not at work",
        "of 5 starts 2 died, then all three were thanked once; by its name too: 4 of 6 died, kept in a file; heard "
        "twice: not begun again; the other show's thanks: once, with their text",
        (
            "faults/test_poison.py::"
            "test_what_kills_the_show_is_thanked_for_without_its_text_by_the_third_start_and_all_others_once",
            "faults/test_poison.py::test_what_kills_the_show_also_without_its_text_is_set_aside_and_told",
            "faults/test_poison.py::test_thanks_that_were_heard_before_the_show_died_are_given_once_more_and_not_again",
            "faults/test_poison.py::"
            "test_what_kills_the_process_of_two_shows_is_not_counted_for_what_the_other_one_was_saying",
        ),
    ),
    Row(
        26,
        "a package of the voice or of the sound is missing or damaged",
        "the show goes on with captions, one line says what to install",
        "5 of 5, three times: captions 7-8 s after the page is there, one line, no node restarted",
        ("faults/test_broken_packages.py::test_the_show_goes_on_with_captions_and_one_line_says_why",),
    ),
    Row(
        27,
        "two shows on a machine of which one has no VTube Studio; two that move one stage",
        "the stage of the other is offered and not taken, no token becomes void",
        "offered 1.7 s after the page is there, not taken in 10 s more",
        (
            "faults/test_two_stages.py::"
            "test_a_show_without_vtube_studio_is_told_of_the_stage_of_another_show_and_leaves_it_alone",
            "faults/test_two_stages.py::test_two_shows_that_move_one_stage_do_not_void_the_tokens_of_each_other",
        ),
    ),
    Row(
        28,
        "1,100 connections that say nothing, to each port of processes that may open 1,024 files",
        "page, stage and voice server serve who asks",
        "answers beside them: page p50 6, most 44 ms; stage p50 12, most 52 ms; voice server p50 1, most 13 ms",
        (
            "faults/test_idle_connections.py::test_the_page_and_the_stage_of_a_show_serve_beside_them",
            "faults/test_idle_connections.py::test_the_voice_server_serves_beside_them",
        ),
    ),
)


def functions(file: Path) -> set[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = (node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {name for name in found if name.startswith("test_")}


def missing(row: Row) -> list[str]:
    """Return the tests of a row that do not exist."""
    gone: list[str] = []
    for test in row.tests:
        name, _, function = test.partition("::")
        file = ROOT / "tests" / name
        if not file.is_file() or function not in functions(file):
            gone.append(test)
    return gone


def table() -> str:
    """Return the rows in Markdown, as in tests/README.md."""
    lines = ["| # | fault or input | aim | seen | not shown |", "|---|---|---|---|---|"]
    lines += [f"| {row.number} | {row.fault} | {row.aim} | {row.seen} | {row.open or '-'} |" for row in ROWS]
    return "\n".join(lines)
