import { element } from './dom.js';
import type { PageData } from './payload.js';
import { shorten, visible } from './visible-text.js';

/** Fills the menu: everything, each process that has several threads, each thread. */
export function fillThreadsMenu(menu: HTMLSelectElement, payload: PageData): void {
  const { pid, label } = payload.threads;
  const processes = new Map<number, number[]>();
  for (const [thread, process] of pid.entries()) {
    const threads = processes.get(process);
    if (threads) threads.push(thread);
    else processes.set(process, [thread]);
  }
  if (pid.length > 1) {
    const all = processes.size > 1 ? `${processes.size} processes, ` : '';
    menu.append(option('all', `All merged (${all}${pid.length} threads)`));
  }
  for (const [process, threads] of processes) {
    const group = element('optgroup', '');
    group.label = `Process ${process}`;
    if (threads.length > 1 && processes.size > 1) {
      group.append(option(`p${process}`, `Process ${process}, ${threads.length} threads merged`));
    }
    group.append(...threads.map((thread) => option(`t${thread}`, shorten(visible(label[thread]!), 120))));
    menu.append(group);
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const made = element('option', '', text);
  made.value = value;
  return made;
}

/** Rows of the table of threads that a choice of the menu stands for. */
export function chosenThreads(choice: string, payload: PageData): number[] {
  const all = [...payload.threads.pid.keys()];
  const id = Number(choice.slice(1));
  if (choice.startsWith('t')) return [id];
  if (choice.startsWith('p')) return all.filter((thread) => payload.threads.pid[thread] === id);
  return all;
}
