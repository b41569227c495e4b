#pragma once

int spawn_first();
int spawn_second();
