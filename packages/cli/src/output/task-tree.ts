import type { SnapshotTask } from '@austin-profiler/sampler';
import { groupBy } from './group-by.js';

/** A task with those it waits for. */
export interface TaskNode {
  readonly task: SnapshotTask;
  /** The tasks that it awaits. */
  readonly children: readonly TaskNode[];
  /** The other tasks that await it, beside the one it stands under. */
  readonly alsoAwaitedBy: readonly SnapshotTask[];
  /** It stands at the top because it awaits itself through others. */
  readonly isInCircle: boolean;
}

/**
 * The tasks as a forest: each stands once, under the first task that awaits it. At the top are those that no other task awaits, and
 * of each circle the first one.
 */
export function taskForest(tasks: readonly SnapshotTask[]): TaskNode[] {
  const places = new Map(tasks.map((task, index) => [task.id, index]));
  const awaitersOf = (task: SnapshotTask) =>
    task.awaitedBy
      .flatMap((id) => places.get(id) ?? [])
      .sort((a, b) => a - b)
      .map((index) => tasks[index]!);
  const awaitedBy = groupBy(
    tasks.filter((task) => awaitersOf(task).length > 0),
    (task) => awaitersOf(task)[0]!.id,
  );
  const placed = new Set<string>();
  const place = (task: SnapshotTask, isInCircle: boolean): TaskNode => {
    placed.add(task.id);
    const children = (awaitedBy.get(task.id) ?? [])
      .filter((child) => !placed.has(child.id))
      .map((child) => place(child, false));
    return { task, children, alsoAwaitedBy: awaitersOf(task).slice(isInCircle ? 0 : 1), isInCircle };
  };
  const roots = tasks.filter((task) => awaitersOf(task).length === 0).map((task) => place(task, false));
  const circles = tasks.flatMap((task) => (placed.has(task.id) ? [] : [place(task, true)]));
  return [...roots, ...circles];
}
