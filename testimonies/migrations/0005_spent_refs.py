"""A reference is never another record's, also when the first is gone (testimonies/values/refs.py)."""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION testimonies_spend_refs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO testimonies_spentref (ref) SELECT ref FROM before_rows ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- Named like the unique constraints of references: whoever drew this one draws again (services/acts.py).
CREATE FUNCTION testimonies_refuse_spent_refs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM after_rows JOIN testimonies_spentref USING (ref)) THEN
    RAISE EXCEPTION 'a record that is no more had this reference'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'spent_ref_key', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
"""


def statements() -> list[str]:
    sql = [FUNCTIONS]
    for name in ("person", "source", "testimony"):
        sql += [
            f'CREATE TRIGGER spend_refs AFTER DELETE ON "testimonies_{name}" REFERENCING OLD TABLE AS before_rows '
            "FOR EACH STATEMENT EXECUTE FUNCTION testimonies_spend_refs();",
            f'CREATE TRIGGER refuse_spent_refs AFTER INSERT ON "testimonies_{name}" REFERENCING NEW TABLE AS after_rows '
            "FOR EACH STATEMENT EXECUTE FUNCTION testimonies_refuse_spent_refs();",
        ]
    return sql


UNDO = ["DROP FUNCTION testimonies_refuse_spent_refs() CASCADE;", "DROP FUNCTION testimonies_spend_refs() CASCADE;"]


class Migration(migrations.Migration):
    dependencies = [("testimonies", "0004_history")]
    operations = [
        migrations.CreateModel(
            name="SpentRef",
            fields=[
                (
                    "ref",
                    models.CharField(
                        editable=False,
                        help_text="Drawn at random; it tells nothing.",
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                    ),
                )
            ],
        ),
        migrations.RunSQL(statements(), UNDO),
    ]
