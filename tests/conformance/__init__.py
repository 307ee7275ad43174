"""What every engine has to do alike: `engine.py` says what an engine gives, `suite.py` has the tests, `test_engines.py` runs them here."""
