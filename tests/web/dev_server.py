"""The service with fake engines, for looking at pages: python tests/web/dev_server.py FOLDER [--real].

Users: admin, wang (manager), coach; all with the password below. FAKE_PAUSE=20 makes recognition take 20 seconds.
With --real the shipped engines do the work. PORT is 8010 unless the environment says otherwise.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import uvicorn

from signals.jobs.worker import Worker
from signals.settings import Settings
from signals.store.accounts import add_user, find_user, first_admin, set_password, unit_at
from signals.store.models import UserRole
from signals.web import create_app

PASSWORD = "dev-server-only-1"
FAKE_CHILD = (sys.executable, str(Path(__file__).parents[1] / "jobs" / "fake_child.py"))

if __name__ == "__main__":
    settings = Settings(data_dir=Path(sys.argv[1]), session_hours=100)
    real = "--real" in sys.argv
    app = create_app(settings)
    service = app.state.service
    service.database.upgrade()
    with service.database.session() as session:
        if first_admin(session):
            set_password(session, find_user(session, "admin"), PASSWORD)
            for name, shown, role, unit in (
                ("wang", "王经理", UserRole.MANAGER, "东区分行/一支行"),
                ("coach", "赵教练", UserRole.COACH, "东区分行"),
            ):
                add_user(
                    session, username=name, name=shown, role=role, unit=unit_at(session, unit), password=PASSWORD,
                    must_change=False,
                )  # fmt: skip
    worker = Worker(settings) if real else Worker(settings, FAKE_CHILD)
    worker.start()
    try:
        uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8010")), log_level="warning")
    finally:
        worker.stop()
        os._exit(0)
