"""Tests of nodes/llm."""
