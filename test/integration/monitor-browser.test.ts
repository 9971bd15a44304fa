import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createCustomer, createdId } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { askMonitor, monitorLogin, monitorSettings, monitorUrl } from '../services/monitor.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

const artefacts = resolve(import.meta.dirname, '../artefacts');
const desk = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet];
const secret = 'Clear-Web-Secret-1';
const name = 'Seen in a browser';

/** A script in the name of a customer must stay a text. */
const hostileName = '<img src=x onerror="document.title=1">';

describe.runIf(inject('chromium') !== '').each(queueKinds)('the monitor in a browser, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let service: Service;
  let browser: Browser;
  /** What a page complained of, and what it asked other hosts for. */
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true });
    database = await createTestDatabase();
    service = await startService({ ...serviceSettings(database.url), ...queueSettings(kind), ...monitorSettings });
    browser = await chromium.launch({ executablePath: inject('chromium'), args });
    for (const one of [name, hostileName]) {
      createdId(await createCustomer(service.url, { name: one, web_password: secret, i_tariff: 1 }));
    }
    await createCustomer(service.url, { name, web_password: secret, i_tariff: 1 });
  });

  afterAll(async () => {
    await browser.close();
    expect(await service.stop()).toBe(0);
    await database.drop();
    expect(complaints).toEqual([]);
  });

  async function openPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && complaints.push(`${page.url()}: ${message.text()}`));
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(monitorUrl(service)) || /^(data|blob):/.test(request.url());
      if (!isOurs) complaints.push(`${page.url()} asked for ${request.url()}`);
    });
    return page;
  }

  async function inBrowser(
    options: { readonly colorScheme: 'light' | 'dark'; readonly viewport: typeof desk },
    run: (page: Page) => Promise<void>,
  ): Promise<void> {
    const httpCredentials = { username: monitorLogin.user, password: monitorLogin.password };
    const context = await browser.newContext({ ...options, httpCredentials, baseURL: monitorUrl(service) });
    try {
      await run(await openPage(context));
    } finally {
      await context.close();
    }
  }

  /** Keeps a picture of the page for people to look at. Nothing may stand out of its side. */
  async function keep(page: Page, picture: string, fullPage = true): Promise<void> {
    await page.screenshot({ path: join(artefacts, `${picture}-${kind}.png`), fullPage });
    const overhang = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overhang).toBeLessThanOrEqual(0);
  }

  test('is closed to who does not log in', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await expect(page.goto(monitorUrl(service))).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');
    await context.close();
  });

  test('works when user and password stand in the address, and searches', async () => {
    const address = new URL(monitorUrl(service));
    Object.assign(address, { username: monitorLogin.user, password: monitorLogin.password });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(address.href);
    await page.getByRole('heading', { name: 'It works' }).waitFor();
    await page.getByRole('searchbox', { name: 'Find a customer or a call' }).fill(name);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('.found').filter({ hasText: 'OK' }).waitFor();
    await context.close();
  });

  test.each(['light', 'dark'] as const)(
    'shows a call that was just made, finds it, and opens its job with the password redacted, in %s',
    async (colorScheme) => {
      await inBrowser({ colorScheme, viewport: desk }, async (page) => {
        await page.goto('/');
        await page.getByRole('heading', { name: 'It works' }).waitFor();
        await page.getByText('Database up').waitFor();
        await page.locator('#newest').getByText(name).first().waitFor();
        await page.locator('#faults').getByText('409').waitFor();
        await page.getByText(hostileName).first().waitFor();

        await page.getByRole('searchbox', { name: 'Find a customer or a call' }).fill(name);
        await page.getByRole('button', { name: 'Search' }).click();
        const call = page.locator('.found', { has: page.locator('.life') }).filter({ hasText: 'OK' });
        for (const step of ['Received', 'Queued', 'Taken', 'Committed', 'Answered'])
          await call.getByText(step).waitFor();
        await keep(page, `search-${colorScheme}-desk`);

        await call.getByRole('link').click();
        await page.getByText('jobData').waitFor();
        await page.getByText('(hidden)').first().waitFor();
        expect(await page.content()).not.toContain(secret);
        await keep(page, `job-${colorScheme}-desk`, false);
      });
    },
  );

  test.each([
    ['light', 'desk', desk],
    ['dark', 'desk', desk],
    ['light', 'phone', phone],
    ['dark', 'phone', phone],
  ] as const)('draws every page in %s, at the width of a %s', async (colorScheme, place, viewport) => {
    await inBrowser({ colorScheme, viewport }, async (page) => {
      await page.goto('/');
      await page.locator('#calls-chart canvas').waitFor();
      await page.locator('#newest').getByText(name).first().waitFor();
      await keep(page, `overview-${colorScheme}-${place}`);
      await page.goto('/reference');
      await keep(page, `reference-${colorScheme}-${place}`);
      await page.goto('/queues');
      await page.getByText('import-customers').first().waitFor({ state: 'attached' });
      await page.getByText('Loading...').waitFor({ state: 'hidden' });
      await keep(page, `queues-${colorScheme}-${place}`, false);
    });
  });

  test('has a reference that can be filtered, and whose examples can be copied', async () => {
    await inBrowser({ colorScheme: 'dark', viewport: desk }, async (page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.goto('/reference');
      await page.getByRole('searchbox', { name: 'Filter' }).fill('password');
      expect(await page.locator('#member-rows tr:visible').count()).toBeLessThan(10);
      await page.getByText('Python', { exact: false }).first().click();
      await page.locator('details[open]').getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toContain('import xmlrpc.client');
    });
  });

  test('is used with the keyboard alone', async () => {
    await inBrowser({ colorScheme: 'light', viewport: desk }, async (page) => {
      await page.goto(`/?q=${encodeURIComponent(name)}`);
      await page.getByRole('button', { name: 'Close' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('#results').waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: '1 hour' }).focus();
      await page.keyboard.press('Space');
      expect(await page.getByRole('button', { name: '1 hour' }).getAttribute('aria-pressed')).toBe('true');
    });
  });

  test('answers its pages in a way that they are asked for anew', async () => {
    for (const path of ['/', '/reference', '/pages/overview.js', '/api/overview']) {
      expect((await askMonitor(service, path)).headers.get('cache-control')).toBe('no-cache');
    }
  });
});
