"""The pages of records officers and auditors: verify, release, search, prove."""
