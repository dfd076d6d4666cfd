"""A small dbt project without a semantic layer and without a time spine, whose names and types are awkward."""

from __future__ import annotations

PROJECT = {
    "dbt_project.yml": "name: odd\nversion: '1.0'\nprofile: odd\n",
    "profiles.yml": "odd:\n  target: postgres\n  outputs:\n    postgres: {type: postgres, host: h, user: u, password: p, port: 1, dbname: d, schema: s}\n",
    "models/orders.sql": "select 1 as id",
    "models/people.sql": "select 1 as id",
    "models/notes.sql": "select 1 as x",
    "models/models.yml": """
models:
  - name: people
    columns:
      - {name: person_id, data_tests: [unique, not_null]}
      - {name: Weird Name}
      - {name: select, data_type: text}
      - {name: month, data_type: text}
      - {name: people_count, data_type: integer}
      - {name: joined_on, data_type: date}
  - name: orders
    description: "Orders: 100% of them, # included."
    columns:
      - {name: order_id, data_type: bigint, data_tests: [unique, not_null]}
      - {name: buyer_id, data_tests: [{relationships: {arguments: {to: ref('people'), field: person_id}}}]}
      - {name: seller_id, data_tests: [{relationships: {arguments: {to: ref('people'), field: person_id}}}]}
      - {name: person_id}
      - {name: made_at, data_type: timestamp}
      - {name: sent_at, data_type: timestamp}
      - {name: paid_at}
      - {name: amount, data_type: 'numeric(10, 2)'}
      - {name: account_balance, data_type: 'numeric(10, 2)'}
      - {name: mystery, data_type: float}
      - {name: total}
      - {name: comment, data_type: text, description: "Free: 'text'\\nin lines"}
  - name: notes
    columns: [{name: written_by}]
""",
}
